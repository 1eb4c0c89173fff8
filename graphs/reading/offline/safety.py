"""What in a burst calls for a person, whatever else it says.

Instructions aimed at the assistant, disguised characters, changed bank details, threats, complaints, and the wish for a
person. These rules read everything that came in, quoted and hidden text too, and lean towards calling a person: a false
alarm costs a minute, a miss could cost an order.
"""

import re
import unicodedata

from domain.value import Value
from graphs.reading.offline.text import any_of, fold, has_invisible

_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style|system|instructions?|assistant|prompt)\b.*?(?:</[^>]*>|\Z)|"
    r"<[a-z]+[^>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|color\s*:\s*(?:#fff|white))[^>]*>.*?(?:</[^>]*>|\Z)",
    re.I | re.S,
)
_MARKUP = re.compile(
    r"<\|[^|\n]{1,30}\|>|\{\{.*?\}\}|\{%.*?%\}|\[/?(?:system|inst|sys|assistant|instruc\w*)\b[^\]]{0,200}\]?|"
    r"</?(?:system|assistant|instructions?|prompt|tool)[^>\n]{0,60}>|"
    r"^\s*#{2,}\s*(?:system|sistema|instruc\w*|instruction\w*)|```|\bsystem\s*prompt\b|\bBEGIN (?:SYSTEM|ADMIN)",
    re.I | re.M,
)
_ROLE = re.compile(
    r"(?:^|[\n.!?;>\[(<*_-])\s*(?:(?:nota|mensaje|instruccion\w*|aviso|orden|indicacion\w*|nota interna|note|message|instructions?|instrucao|instrucoes|aviso)"
    r"\s+(?:\w+\s+){0,2}?(?:al?|para (?:el|la|o|a)?|para|to|for|ao|del?|do)\s*(?:the\s+|el\s+|o\s+)?)?"
    r"(?:asistente|assistente|assistant|chatbot|bot|sistema|system|ia|ai|agente(?: virtual)?|agent|robot|robo|llm|gpt|chatgpt|admin|administrador|developer)"
    r"(?:\s+(?:de ia|virtual|automatic[oa]\w*|ai|compras|de compras|message|override|update|note|mode|que \w+ \w+(?: \w+){0,3}))*\s*[:,>\]\-]"
)
_ORDERS = any_of(
    r"(?:ignor|olvid|descart|omit|desobedec|salt)(?:a|e|en|ar|es|ate|are|as)?(?: por favor)?(?: \w+){0,4} (?:instrucci(?:on|ones)|instrucoes|instructions?|reglas?|regras|politicas?|limites?|restricciones|ordenes anteriores)",
    r"(?:ignore|disregard|forget|override|bypass|skip)(?: \w+){0,5} (?:instructions?|rules?|prompts?|guidelines|polic(?:y|ies)|limits?|checks?|approvals?|everything|above|previous)",
    r"(?:ignore|esqueca|desconsidere|ignora)(?: \w+){0,4} (?:instrucoes|regras|anteriores|limites|tudo|lo anterior|todo)",
    r"(?:new|nuevas?|novas?) (?:instructions?|instrucciones|instrucoes|reglas|rules) ?(?:del sistema|do sistema|for|para|:)",
    r"(?:you are|eres|usted es|ahora eres|voce e|sos) (?:now |ahora |un |uma |an? )+(?:\w+ ){0,2}(?:asistente|assistant|bot|modelo|model|ia|ai|agent|agente)",
    r"(?:act|actua|actue|aja|comportate|behave|responde|pretend|finge|simula) (?:as|como|to be|que eres) ",
    r"(?:modo|mode) (?:desarrollador|developer|dios|god|admin|administrador|debug|mantenimiento|prueba|test|dan)",
    r"(?:developer|debug|admin|god|maintenance|test|root) mode",
    r"(?:tu|tus|su|sus|your|suas?|teus?|the|el|o) (?:system )?(?:prompt|prompts|configuracion interna|instrucciones (?:internas|de sistema|iniciales)|internal instructions)",
    r"(?:repite|repita|muestra|muestrame|revela|imprime|copia|pega|dime|dame|repeat|reveal|print|show|tell me|output|mostre|revele|repita|copie|traduce|resume)(?: \w+){0,4} (?:instrucciones|instructions?|instrucoes|prompt|configuracion|reglas|rules|regras)",
    r"(?:confirm|aprueb|aprob|approv|acept|accept|aprov|autoriz|authoriz)\w*(?: \w+){0,2} (?:todas?(?: las| sus)?|todos?(?: los| os)?|all(?: the| of the| open| pending)?|every|cada una de las|todas as) (?:\w+ )?(?:ordenes|orders?|pedidos|cotizaciones|ofertas|oc|quotes|facturas|invoices|purchase orders)",
    r"(?:aprueb|apruebe|aprobar|aprove|approve|autoric|autoriz|authori[sz]e|marc|mark|marque|registr|confirm|acept|accept|cancel|genere?|emit)\w*(?: \w+){0,6} (?:sin|without|sem)(?: \w+){0,2} (?:revis\w+|consult\w+|aprob\w+|autoriz\w+|approval|review\w*|asking|human|pregunt\w+|validar|avis\w+|person\w*|aprova\w+|checking|check|supervis\w+|confirmacion)",
    r"(?:aprueb|aprob|apruebe|aprove|approve|autoric|autoriz|authori[sz]e)\w* (?:\w+ ){0,3}(?:directamente|de inmediato|inmediatamente|automaticamente|immediately|automatically|right away|ahora mismo|imediatamente|directly|ya mismo)",
    r"no (?:\w+ ){0,2}(?:envies?|pases?|derives?|mandes?|escales?|avises?|consultes?|muestres?|comentes?|digas?|informes?)(?: \w+){0,5} (?:a revision|a una persona|a un humano|a nadie|al equipo|con el equipo|con nadie|con compras|al comprador|al jefe|a compras|a tu jefe|el limite)",
    r"no (?:lo|le|la|les) (?:comentes?|digas?|cuentes?|informes?|avises?)(?: nada)?",
    r"(?:do not|don't|dont|never)(?: \w+){0,3} (?:tell|inform|escalate|notify|mention|involve|alert|show)(?: \w+){0,5}",
    r"(?:nao|sem) (?:envie|avise|avisar|conte|consulte|consultar|informe|comente|passe|encaminhe|contar)(?: \w+){0,5}",
    r"(?:marca|marque|marcar|mark|set|pon|cambia|change|registra|registre)(?:la|lo|le|r)?(?: \w+){0,4} (?:como|as|a|to) (?:\w+ )?(?:recibid\w+|pagad\w+|aprobad\w+|aceptad\w+|confirmad\w+|received|paid|approved|accepted|confirmed|recebid\w+|pag[oa]|aprovad\w+|aceit\w|facturad\w+)",
    r"(?:autoriza|autorice|autorizar|authorize|authorise|libera|libere|release|ejecuta|execute|gatilla|autorize)(?: \w+){0,3} (?:el pago|los pagos|payment|the payment|o pagamento|la transferencia)",
    r"(?:segun|por|following) (?:tus|your|suas) (?:nuevas |new |novas )?(?:instrucciones|instructions|instrucoes|reglas)",
    r"(?:tu|your|sua) (?:tarea|task|tarefa|objetivo|mision|goal) (?:es|is|e|ahora|now)",
    r"(?:responde|responda|reply|respond|contesta|answer)(?: \w+){0,2} (?:solo|solamente|unicamente|only|apenas|exactly|exactamente|somente)(?: \w+){0,2} ?[\"':]?",
    r"(?:jailbreak|prompt injection|dan mode|sudo|drop table|select \* from)",
    r"(?:ejecuta|execute|run|llama|call|usa|use) (?:la |the |a )?(?:herramienta|tool|funcion|function|ferramenta|funcao|confirm_purchase_order|comando|command)",
    r"(?:confirm|cancel|create|approve|send)_[a-z_]+",
)
_FAKE_BOSS = any_of(
    r"(?:soy|habla|le habla|te habla|i am|i'm|im|this is|aqui e|sou|eu sou|aqui|te escribe) (?:el |la |the |o |a |your |tu |su )?(?:nuev[oa] |new )?(?:gerente|jefe|jefa|dueno|duena|director|directora|ceo|cfo|owner|boss|manager|administrador|admin|diretor|dono|chefe|encargad[oa] de compras|comprador|buyer|head of|purchasing|procurement|desarrollador|developer|programador|tecnico|soporte|auditor)(?: (?:de|of|do|da|general|manager|purchasing|procurement|director)(?: \w+){0,3})?",
    r"(?:te|le|les|os) (?:autorizo|ordeno|instruyo)", r"i authori[sz]e you", r"(?:eu )?(?:te |o |lhe )?autorizo (?:voce|a)",
    r"desde mi (?:correo|mail|telefono|numero|celular|cuenta) personal", r"from my (?:personal|private) (?:e-?mail|phone|number|account)",
    r"(?:tengo|tenho|i have) (?:autorizacion|permiso|authori[sz]ation|autorizacao) (?:del?|of|from|do|da) (?:gerente|jefe|gerencia|your|tu|su|manager|diretor|ti|vuestro)(?: \w+){0,2}",
    r"(?:mi|my|el|your|tu|su) (?:jefe|gerente|boss|manager) (?:de ustedes |suyo )?(?:ya )?(?:me )?(?:autorizo|aprobo|approved|authori[sz]ed)",
)  # fmt: skip
_OTHERS = any_of(
    r"(?:precios?|valores?|ofertas?|cotizaci(?:on|ones)|prices?|quotes?|offers?|precos?|propostas?|condiciones|ordenes|orders|pedidos|datos)(?: \w+){0,3} (?:de|del|of|from|do|da|dos|for|por)(?: \w+){0,2} (?:otr[oa]s?|other|another|demas|outros?|outras?|competencia|competidor\w*|competitors?|concorren\w+)(?: \w+)?",
    r"(?:otr[oa]s?|other|another|outros?|los demas|the other|competing) (?:proveedor(?:es)?|suppliers?|vendors?|fornecedor(?:es)?|molinos?|oferentes?|competidor(?:es)?|bidders?|empresas?)(?='s|\?| (?:les|le|te|cobr|vend|ofrec|charg|offer|quot|pric|cobra))",
    r"(?:a )?(?:cuanto|como|how much|quanto|a que precio|what)(?: \w+){0,6} (?:el otro|la otra|los otros|otro proveedor|otros proveedores|the other|other suppliers?|others?|another|a outra|o outro|outros|la competencia|competencia|the competition|concorrente|competitors?)(?: \w+)?",
    r"(?:dame|dime|pasame|envia(?:me)?|tell me|give me|show me|me (?:da|diz|passa|dices|das|pasas)|revela|share)(?: \w+){0,3} (?:tus|sus|your|seus|their|suas) (?:precios|prices|precos|limites?|topes?|presupuesto|budget|margen|max\w*|orcamento)",
    r"(?:cual es|what is|what's|qual e|dime|tell me|cuanto es)(?: \w+){0,2} (?:tu|su|your|seu|el|the|o) (?:precio (?:maximo|limite|tope|objetivo)|limite|tope|presupuesto|max\w*(?: price)?|budget|orcamento|preco maximo|walk-away|target price|top price|price limit|highest price)",
    r"(?:maximo|maximum|max|most) (?:que )?(?:pueden|puedes|estan dispuestos|you can|you would|you're willing|you are willing|podem)(?: \w+){0,2} (?:pagar|pay)",
    r"(?:the )?most (?:you can|you would|you will|you'?d) pay",
)  # fmt: skip

_BANK = any_of(
    r"(?:cambi|actualiz|modific|mud|alter|chang|updat|renov|reemplaz|switch)\w*(?: \w+){0,5} (?:de |del |da |do |our |the |la |a |os |los |nuestros |nossos |of |in )*(?:banco|bancos|cuentas?|bank|bank accounts?|accounts?|contas?|bancari[oa]s?|beneficiari\w*|payee|titular|chave pix|pix|datos de (?:pago|transferencia)|dados (?:bancarios|de pagamento)|remittance\w*|iban|swift|razon social)",
    r"(?:nuev[oa]s?|new|nov[oa]s?|otr[oa]|outr[oa]|another|different|updated|distint[oa]|revised)(?: \w+){0,2} (?:cuentas?|bank|banco|accounts?|contas?|datos bancarios|datos de transferencia|dados bancarios|bank details|remittance|payment instructions|chave pix|pix|iban|beneficiari\w*|titular|payee|rut)",
    r"(?:cuenta|conta|account|pix|cta)(?: \w+){0,2} (?:de|del|do|da|of) (?:mi|un|una|meu|minha|my|otr[oa]|outr[oa]) \w+",
    r"(?:deposit|transfier|transfer|paguen|pague|abon|remit|wire|pagar|pay|send|gire)\w*(?: \w+){0,5} (?:a nombre de|a la cuenta|en la cuenta|na conta|para a conta|a esta cuenta|a otra|to this account|to the (?:following )?account|to our (?:new )?|a otro|al? rut|a mi nombre|para outra|to another|a mi cuenta|a mi)(?: \w+)?",
    r"(?:datos|dados|bank|banking) (?:bancarios|details|information|coordinates)(?: \w+){0,4} (?:nuev\w+|new|nov\w+|cambi\w+|actualiz\w+|updated|changed|mudaram|chang\w+)",
    r"cuenta (?:anterior|antigua|vieja)", r"(?:old|previous|former) (?:bank )?account", r"conta (?:antiga|anterior)", r"ya no (?:usamos|tenemos|depositen|paguen)(?: \w+){0,3} (?:cuenta|banco)", r"no longer (?:use|valid)(?: \w+){0,3} account",
    r"factoring", r"cesion(?: de (?:la )?facturas?)?", r"cedid[oa]s?", r"cedimos", r"endos\w+", r"assign(?:ed|ment) (?:of )?(?:the |this |our )?(?:invoice|receivable)s?", r"cess[aã]o de credito",
)  # fmt: skip
_THREAT = any_of(
    r"abogad[oa]s?", r"advogad[oa]s?", r"lawyers?", r"attorney", r"solicitors?", r"legal action", r"(?:acciones?|vias?|medidas) (?:legal(?:es)?|judicial(?:es)?)", r"(?:medidas|acoes|vias) (?:legais|judiciais|cabiveis)",
    r"demanda(?:r|remos|re|rlos|rles)", r"(?:los|las|les) (?:vamos a |voy a )?demand\w+", r"tribunal(?:es)?", r"court", r"justica", r"sue", r"suing", r"cobranza judicial", r"boletin comercial", r"dicom", r"sernac", r"serasa", r"procon", r"protest(?:o|ar|aremos) (?:a|o|os|la|el|de)? ?\w+",
    r"denunci\w+", r"carta notarial", r"arbitra(?:je|tion)", r"ultimo aviso", r"ultima (?:advertencia|notificacion)", r"final (?:notice|warning)", r"ultimo aviso", r"debt collect\w+",
    r"(?:suspend|cort|paraliz|deten|bloque|congel)\w*(?: \w+){0,4} (?:despachos?|entregas?|suministro|abastecimiento|servicio|fornecimento|deliver(?:y|ies)|supply|shipments?|envios?)",
    r"(?:stop|halt|freeze|withhold|hold) (?:all |any |every |your |further )*(?:deliver(?:y|ies)|suppl(?:y|ies|ying)|shipments?|shipping)",
    r"no (?:les |le |te )?(?:vamos a |voy a )?(?:despach|entreg|vend|vuelv)\w*(?: \w+){0,3} (?:mas|nunca)(?! de)", r"(?:nunca|jamas) (?:mas )?(?:les|le|volver\w*)", r"se (?:van a|va a) arrepentir", r"(?:atengan?se|atenerse) a las consecuencias", r"you will regret", r"(?:take|go) (?:this |it )?(?:public|to (?:the )?(?:press|media))", r"(?:publicar|publicaremos|redes sociales)(?: \w+){0,3} (?:deuda|caso)?",
    r"vai se arrepender", r"pagan? o (?:no|les|los|me)(?: \w+){0,2}", r"or else", r"aguas? (?:a )?las consecuencias",
)  # fmt: skip
_COMPLAINT = any_of(
    r"reclam(?:o|ar|amos|acion|acao)", r"presento (?:un |mi )?reclamo", r"falta de (?:respeto|seriedad|profesionalismo|consideracion|respeito)", r"pesim[oa]s?", r"pessim[oa]", r"verguenza", r"vergonha", r"vergonzos[oa]", r"inaceptable", r"inaceitavel", r"unacceptable", r"ridicul(?:o|a|ous)", r"absurdo", r"indign\w+", r"insult\w+", r"maltrat\w+", r"mal trato", r"(?:mala|pesima|terrible|poor|horrible) (?:atencion|experiencia|gestion|onda|service|communication)", r"(?:mal|pessimo) atendimento",
    r"(?:nadie|ninguem|nobody|no one|no-one) (?:me |nos |les |le |ever |has |is )*(?:contest\w*|respond\w*|answer\w*|repl\w+|atiend\w*|atend\w*|pesca|resuelv\w*|resolv\w*|da (?:una )?(?:respuesta|solucion|retorno)|call\w*|picks?)",
    r"useless", r"inutil\w*", r"no sirven?(?: para nada)?", r"(?:nao|no) (?:serve|presta|sirve)", r"(?:estoy|estamos|me tienen|i'?m|i am|we are|we're|estou|to) (?:\w+ )?(?:hart[oa]s?|cansad[oa]s?|aburrid[oa]s?|choread[oa]s?|molest[oa]s?|indignad[oa]s?|furios[oa]s?|fed up|sick|tired|furious|angry|upset|fart[oa]|bravo|brava|disappointed|chat[oa]s?)(?: (?:de|of|with|con))?",
    r"(?:fed up|sick of|had enough)", r"(?:muy|bastante|extremadamente|sumamente|muito|very|extremely|deeply) (?:molest[oa]s?|decepcionad[oa]s?|enojad[oa]s?|disconformes?|descontent[oa]s?|disappointed|unhappy|dissatisfied|insatisfeit[oa]s?|chatead[oa]s?|decepcionad[oa]s?|annoyed|upset)",
    r"complain(?:t|ing|ts)?", r"disappoint(?:ed|ing|ment)", r"disgrace(?:ful)?", r"rude", r"burla", r"tomadura de pelo", r"una tontera", r"descaro", r"descaso", r"palhacada", r"falta de vergonha", r"sinverguenzas?", r"ladron(?:es)?", r"estafa(?:dor(?:es)?)?", r"scam(?:mers?)?", r"thieves", r"no puede ser que", r"es el colmo", r"asi no se (?:trabaja|puede)(?: trabajar)?", r"que asco", r"weon(?:es|as)?", r"mierda", r"ctm", r"csm", r"fuck\w*", r"shit", r"bullshit", r"porra", r"merda", r"caralho", r"que desorden", r"poca seriedad", r"zero (?:respect|professionalism)", r"nefast[oa]", r"desastre", r"disaster", r"(?:tercera|cuarta|quinta|enesima|third|fourth|fifth|umpteenth) (?:vez|time) que", r"(?:third|fourth|fifth) time (?:i|we)", r"(?:terceira|quarta) vez que", r"ya basta", r"se acabo(?! (?:el|la|los|las|o|a))", r"chega disso", r"dejan? botad\w+", r"dejaron botad\w+", r"me tuvieron (?:\w+ ){0,3}\d+ horas?",
)  # fmt: skip
_PERSON = any_of(
    r"(?:quiero|necesito|prefiero|quisiera|me gustaria|puedo|podria|queremos|necesitamos) (?:\w+ )?(?:hablar|conversar|comunicarme|hablarlo|conversarlo) con \w+",
    r"(?:hablar|conversar|comunicar(?:me|nos)?|contactar(?:me|nos)?|tratar(?:lo)?|verlo|hablarlo|conversarlo|comunicacion)(?: \w+){0,3} (?:con|a) (?:una |un |el |la |los |algun |alguna |alguien|otra |su |tu )*(?:persona|humano|alguien|ejecutiv[oa]|encargad[oa]|comprador[a]?|jef[ea]|gerente|responsable|supervisor[a]?|ser humano|operador[a]?|compras|don \w+|dona \w+|senor \w+|senora \w+|senorita|nina|chica)(?: de (?:verdad|carne y hueso|compras|adquisiciones|finanzas|pagos))?",
    r"(?:que )?(?:me|nos) (?:puede|podria|podrian|pueden|puedes|podrias)?(?: alguien)? ?(?:llam(?:e|en|ar|a|as|an)|contact(?:e|en|ar|a)|telefone\w*|marc(?:ar|en|a))(?: alguien)?(?: \w+){0,2}",
    r"(?:ll[aá]m(?:e|en|a)(?:me|nme|nos|nnos))", r"llamada", r"(?:call|phone|ring) me(?: back)?", r"give (?:me|us) a (?:call|ring)", r"(?:could|can|would) (?:someone|somebody|you|anyone|a person)(?: \w+){0,3} (?:call|phone|ring|contact) (?:me|us|back)",
    r"(?:talk|speak|chat|connect me|put me through|transfer me)(?: directly)? (?:to|with)(?: \w+){0,3} (?:person|human|someone|somebody|manager|buyer|agent|representative|supervisor|boss|staff|team|real \w+|purchasing|procurement|anyone)",
    r"(?:talk|speak|chat) (?:to|with) (?:someone|somebody|anyone)", r"(?:want|need|get me|prefer)(?: \w+){0,2} (?:a )?(?:real |actual |live )?(?:person|human|manager|human being)", r"(?:your|the) manager",
    r"(?:falar|conversar|tratar)(?: \w+){0,2} com(?: \w+){0,3}(?: (?:pessoa|alguem|humano|atendente|comprador|responsavel|gerente|gente|supervisor|setor))", r"falar com alguem", r"(?:me|nos) (?:liga|ligue|liguem|ligar|telefona|telefone)(?: \w+)?", r"(?:pode|podem|podia|poderia|alguem)(?: \w+){0,3} (?:me |nos )?(?:ligar|telefonar|chamar)(?: \w+)?", r"atendente(?: human[oa])?",
    r"no (?:con )?(?:un |una |la |el |este )?(?:robot|maquina|bot|grabacion|computador[a]?|chatbot|contestador)", r"not (?:a|with a|to a|this) (?:bot|robot|machine|chatbot)", r"(?:nao|sem) (?:com )?(?:um |o |esse )?(?:robo|bot|maquina)", r"(?:es|eres|is this|are you|am i talking to|sos) (?:usted )?(?:un |una |a |an )?(?:robot|bot|maquina|machine|persona real|real person)",
    r"(?:necesito|quiero|prefiero|quisiera|preciso|quero|i need|i want)(?: \w+){0,3} (?:una persona|un humano|un ejecutivo|una ejecutiva|a person|a human|uma pessoa|um humano|um atendente)", r"(?:alguien|persona) de (?:compras|carne y hueso|verdad)", r"pas(?:a|e)me con \w+",
)  # fmt: skip
#: The supplier's own errands, no request to us.
_OWN_TALK = any_of(
    r"(?:tengo|tenemos|debo|debemos|voy|vamos) (?:que |a )?(?:hablar|conversar|consultar|ver)(?:lo|la)? con (?:el|la|los|mi|nuestro|nuestra) \w+", r"(?:have to|need to|let me|must|will|'ll) (?:talk|speak|check) (?:to|with) (?:my|our|the) (?!buyer|manager)\w+", r"(?:preciso|vou|tenho que|temos que) falar com (?:o|a|meu|minha|nosso|nossa) (?!comprador|gerente|responsavel)\w+",
)  # fmt: skip
_STRANDED = any_of(
    r"no hay nadie(?: \w+){0,6}", r"nadie (?:me|nos) (?:recibe|abre|quiere recibir|atiende|responde en)(?: \w+)?", r"no (?:me|nos) (?:quieren|quisieron|dejan|dejaron|reciben|recibieron|abren)(?: \w+){0,3}", r"(?:rechazaron|devolvieron|rechazan|devuelven)(?! (?:la |el )?(?:factura|orden|cotizacion|oferta|pago))", r"(?:nobody|no one|no-one)(?: is| was|'s)?(?: \w+){0,2} (?:here|there|to receive|receiv\w+|at the (?:gate|warehouse|dock))", r"refus(?:ed|ing) (?:to receive|delivery|the (?:load|delivery|goods))", r"turned away", r"nao tem ninguem(?: \w+){0,4}", r"ninguem (?:para|pra) receber", r"(?:accidente|choque|choco|volco|robo|robaron|asalt\w+|accident|crash\w*|stolen|hijack\w*|acidente|roubo|roubad\w+|assalt\w+|incendio|fire|derrame)",
    r"(?:merma|danad[oa]s?|rot[oa]s|malograd\w+|damaged|broken|contaminad\w+|contaminated|avariad\w+|vencid[oa]s (?:los|las)|lote (?:defectuoso|malo)|recall|retiro del mercado)",
)  # fmt: skip


_LOOK_ALIKES = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "MATHEMATICAL", "FULLWIDTH", "COPTIC")


class Alarms(Value):
    """What was found, each with the reason that a person is shown, or None. `hidden` spans are no words of the supplier."""

    injection: str | None = None
    bank_change: str | None = None
    threat: str | None = None
    complaint: str | None = None
    person: str | None = None
    stranded: str | None = None

    @property
    def reason(self) -> str | None:
        """The gravest of them."""
        return self.injection or self.bank_change or self.threat or self.complaint or self.person or self.stranded


def alarms(raw: str, own_words: str) -> Alarms:
    """Read the whole burst as it came for attacks, and only what the supplier himself wrote now for the rest."""
    folded = fold(own_words)
    neutral = re.sub(
        r"sin reclamos?|disculp\w+(?: \w+){0,2} (?:molestias?|demora)|lament\w+ (?:las |los )?(?:molestias|inconvenientes)|reclamad[oa]s?",
        " ",
        folded,
    )
    requests = _OWN_TALK.sub(" ", folded)
    return Alarms(
        injection=injection_in(raw),
        bank_change="A change of bank details or payee." if _BANK.search(folded) else None,
        threat="A threat." if _THREAT.search(folded) else None,
        complaint="A complaint." if _COMPLAINT.search(neutral) else None,
        person="They ask for a person." if _PERSON.search(requests) else None,
        stranded="Something went wrong at the delivery." if _STRANDED.search(folded) else None,
    )


def injection_in(raw: str) -> str | None:
    """Why this text seems to be aimed at the assistant rather than at the buyer, or None."""
    if _HIDDEN.search(raw) or has_invisible(raw):
        return "Hidden text in the message."
    if _mixes_scripts(raw):
        return "Letters of another alphabet that look like ours."
    folded = fold(raw)
    if _MARKUP.search(raw) or _ROLE.search(folded) or _ORDERS.search(folded):
        return "Instructions aimed at the assistant."
    if _FAKE_BOSS.search(folded):
        return "Someone who claims authority over the assistant."
    if _OTHERS.search(folded):
        return "A request for what other suppliers offer or for our limits."
    return None


def without_attacks(text: str) -> str:
    """What is left of a text once hidden parts and sentences aimed at the assistant are taken out."""
    shown = _MARKUP.sub(" ", _HIDDEN.sub(" ", text))
    kept = [part for part in re.split(r"(?<=[.!?])(?=\s)|(\n)", shown) if part and not injection_in(part)]
    return "".join(kept).strip()


def _mixes_scripts(text: str) -> bool:
    """Whether letters of another alphabet, or styled ones, stand among ours: no supplier of ours writes in them."""
    for word in re.findall(r"\w+", text):
        if word.isascii():
            continue
        names = [unicodedata.name(letter, "") for letter in word if letter.isalpha()]
        if any(name.startswith(_LOOK_ALIKES) for name in names):
            return True
    return False
