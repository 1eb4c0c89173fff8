"""What calls for a person: changed accounts, threats, complaints, the wish to talk, goods that cannot be handed over."""

from graphs.reading.offline.text import any_of

BANK = any_of(
    r"(?:cambi|actualiz|modific|mud|alter|chang|updat|renov|reemplaz|switch)\w*(?: \w+){0,5} (?:de |del |da |do |"
    "our |the |la |a |os |los |nuestros |nossos |of |in )*(?:banco|bancos|cuentas?|bank|bank accounts?|accounts?|"
    r"contas?|bancari[oa]s?|beneficiari\w*|payee|titular|chave pix|pix|datos de (?:pago|transferencia)|"
    r"dados (?:bancarios|de pagamento)|remittance\w*|iban|swift|razon social)",
    "(?:nuev[oa]s?|new|nov[oa]s?|otr[oa]|outr[oa]|another|different|updated|distint[oa]|"
    r"revised)(?: \w+){0,2} (?:cuentas?|bank|banco|accounts?|contas?|datos bancarios|datos de transferencia|"
    r"dados bancarios|bank details|remittance|payment instructions|chave pix|pix|iban|beneficiari\w*|titular|payee|" "rut)",
    r"(?:cuenta|conta|account|pix|cta)(?: \w+){0,2} (?:de|del|do|da|of) (?:mi|un|una|meu|minha|my|otr[oa]|"
    r"outr[oa]) \w+", "(?:deposit|transfier|transfer|paguen|pague|abon|remit|wire|pagar|pay|send|"
    r"gire)\w*(?: \w+){0,5} (?:a nombre de|a la cuenta|en la cuenta|na conta|para a conta|a esta cuenta|a otra|"
    "to this account|to the (?:following )?account|to our (?:new )?|a otro|al? rut|a mi nombre|para outra|"
    r"to another|a mi cuenta|a mi)(?: \w+)?",
    r"(?:datos|dados|bank|banking) (?:bancarios|details|information|coordinates)(?: \w+){0,4} (?:nuev\w+|new|nov\w+|"
    r"cambi\w+|actualiz\w+|updated|changed|mudaram|chang\w+)", "cuenta (?:anterior|antigua|vieja)",
    "(?:old|previous|former) (?:bank )?account", "conta (?:antiga|anterior)",
    r"ya no (?:usamos|tenemos|depositen|paguen)(?: \w+){0,3} (?:cuenta|banco)",
    r"no longer (?:use|valid)(?: \w+){0,3} account", "factoring", "cesion(?: de (?:la )?facturas?)?", "cedid[oa]s?",
    "cedimos", r"endos\w+", "assign(?:ed|ment) (?:of )?(?:the |this |our )?(?:invoice|receivable)s?",
    "cess[aã]o de credito",
)  # fmt: skip

THREAT = any_of(
    "abogad[oa]s?", "advogad[oa]s?", "lawyers?", "attorney", "solicitors?", "legal action",
    "(?:acciones?|vias?|medidas) (?:legal(?:es)?|judicial(?:es)?)", "(?:medidas|acoes|vias) (?:legais|judiciais|cabiveis)",
    "demanda(?:r|remos|re|rlos|rles)", r"(?:los|las|les) (?:vamos a |voy a )?demand\w+", "tribunal(?:es)?", "court",
    "justica", "sue", "suing", "cobranza judicial", "boletin comercial", "dicom", "sernac", "serasa", "procon",
    r"protest(?:o|ar|aremos) (?:a|o|os|la|el|de)? ?\w+", r"denunci\w+", "carta notarial", "arbitra(?:je|tion)",
    "ultimo aviso", "ultima (?:advertencia|notificacion)", "final (?:notice|warning)", r"debt collect\w+",
    r"(?:suspend|cort|paraliz|deten|bloque|congel)\w*(?: \w+){0,4} (?:despachos?|entregas?|suministro|"
    "abastecimiento|servicio|fornecimento|deliver(?:y|ies)|supply|shipments?|envios?)",
    "(?:stop|halt|freeze|withhold|hold) (?:all |any |every |your |further )*(?:deliver(?:y|ies)|suppl(?:y|ies|"
    "ying)|shipments?|shipping)",
    r"no (?:les |le |te )?(?:vamos a |voy a )?(?:despach|entreg|vend|vuelv)\w*(?: \w+){0,3} (?:mas|nunca)(?! de)",
    r"(?:nunca|jamas) (?:mas )?(?:les|le|volver\w*)", "se (?:van a|va a) arrepentir",
    "(?:atengan?se|atenerse) a las consecuencias", "you will regret",
    "(?:take|go) (?:this |it )?(?:public|to (?:the )?(?:press|media))",
    r"(?:publicar|publicaremos|redes sociales)(?: \w+){0,3} (?:deuda|caso)?", "vai se arrepender",
    r"pagan? o (?:no|les|los|me)(?: \w+){0,2}", "or else", "aguas? (?:a )?las consecuencias",
)  # fmt: skip

COMPLAINT = any_of(
    "reclam(?:o|ar|amos|acion|acao)", "presento (?:un |mi )?reclamo",
    "falta de (?:respeto|seriedad|profesionalismo|consideracion|respeito)", "pesim[oa]s?", "pessim[oa]", "verguenza",
    "vergonha", "vergonzos[oa]", "inaceptable", "inaceitavel", "unacceptable", "ridicul(?:o|a|ous)", "absurdo",
    r"indign\w+", r"insult\w+", r"maltrat\w+", "mal trato",
    "(?:mala|pesima|terrible|poor|horrible) (?:atencion|experiencia|gestion|onda|service|communication)",
    "(?:mal|pessimo) atendimento",
    r"(?:nadie|ninguem|nobody|no one|no-one) (?:me |nos |les |le |ever |has |is )*(?:contest\w*|respond\w*|"
    r"answer\w*|repl\w+|atiend\w*|atend\w*|pesca|resuelv\w*|resolv\w*|da (?:una )?(?:respuesta|solucion|retorno)|"
    r"call\w*|picks?)", "useless", r"inutil\w*", "no sirven?(?: para nada)?", "(?:nao|no) (?:serve|presta|sirve)",
    r"(?:estoy|estamos|me tienen|i'?m|i am|we are|we're|estou|to) (?:\w+ )?(?:hart[oa]s?|cansad[oa]s?|aburrid[oa]s?|"
    "choread[oa]s?|molest[oa]s?|indignad[oa]s?|furios[oa]s?|fed up|sick|tired|furious|angry|upset|fart[oa]|bravo|"
    "brava|disappointed|chat[oa]s?)(?: (?:de|of|with|con))?", "(?:fed up|sick of|had enough)",
    "(?:muy|bastante|extremadamente|sumamente|muito|very|extremely|deeply) (?:molest[oa]s?|decepcionad[oa]s?|"
    "enojad[oa]s?|disconformes?|descontent[oa]s?|disappointed|unhappy|dissatisfied|insatisfeit[oa]s?|chatead[oa]s?|"
    "decepcionad[oa]s?|annoyed|upset)", "complain(?:t|ing|ts)?", "disappoint(?:ed|ing|ment)", "disgrace(?:ful)?", "rude",
    "burla", "tomadura de pelo", "una tontera", "descaro", "descaso", "palhacada", "falta de vergonha", "sinverguenzas?",
    "ladron(?:es)?", "estafa(?:dor(?:es)?)?", "scam(?:mers?)?", "thieves", "no puede ser que", "es el colmo",
    "asi no se (?:trabaja|puede)(?: trabajar)?", "que asco", "weon(?:es|as)?", "mierda", "ctm", "csm", r"fuck\w*", "shit",
    "bullshit", "porra", "merda", "caralho", "que desorden", "poca seriedad", "zero (?:respect|professionalism)",
    "nefast[oa]", "desastre", "disaster", "(?:tercera|cuarta|quinta|enesima|third|fourth|fifth|umpteenth) (?:vez|time) que",
    "(?:third|fourth|fifth) time (?:i|we)", "(?:terceira|quarta) vez que", "ya basta", "se acabo(?! (?:el|la|los|las|o|a))",
    "chega disso", r"dejan? botad\w+", r"dejaron botad\w+", r"me tuvieron (?:\w+ ){0,3}\d+ horas?",
)  # fmt: skip

PERSON = any_of(
    r"(?:quiero|necesito|prefiero|quisiera|me gustaria|puedo|podria|queremos|necesitamos) (?:\w+ )?(?:hablar|"
    r"conversar|comunicarme|hablarlo|conversarlo) con \w+",
    "(?:hablar|conversar|comunicar(?:me|nos)?|contactar(?:me|nos)?|tratar(?:lo)?|verlo|hablarlo|conversarlo|"
    r"comunicacion)(?: \w+){0,3} (?:con|a) (?:una |un |el |la |los |algun |alguna |alguien|otra |su |"
    "tu )*(?:persona|humano|alguien|ejecutiv[oa]|encargad[oa]|comprador[a]?|jef[ea]|gerente|responsable|"
    r"supervisor[a]?|ser humano|operador[a]?|compras|don \w+|dona \w+|senor \w+|senora \w+|senorita|nina|"
    "chica)(?: de (?:verdad|carne y hueso|compras|adquisiciones|finanzas|pagos))?",
    "(?:que )?(?:me|nos) (?:puede|podria|podrian|pueden|puedes|podrias)?(?: alguien)? ?(?:llam(?:e|en|ar|a|as|an)|"
    r"contact(?:e|en|ar|a)|telefone\w*|marc(?:ar|en|a))(?: alguien)?(?: \w+){0,2}",
    "(?:ll[aá]m(?:e|en|a)(?:me|nme|nos|nnos))", "llamada", "(?:call|phone|ring) me(?: back)?",
    "give (?:me|us) a (?:call|ring)",
    r"(?:could|can|would) (?:someone|somebody|you|anyone|a person)(?: \w+){0,3} (?:call|phone|ring|contact) (?:me|"
    "us|back)",
    r"(?:talk|speak|chat|connect me|put me through|transfer me)(?: directly)? (?:to|with)(?: \w+){0,3} (?:person|"
    r"human|someone|somebody|manager|buyer|agent|representative|supervisor|boss|staff|team|real \w+|purchasing|"
    "procurement|anyone)", "(?:talk|speak|chat) (?:to|with) (?:someone|somebody|anyone)",
    r"(?:want|need|get me|prefer)(?: \w+){0,2} (?:a )?(?:real |actual |live )?(?:person|human|manager|human being)",
    "(?:your|the) manager",
    r"(?:falar|conversar|tratar)(?: \w+){0,2} com(?: \w+){0,3}(?: (?:pessoa|alguem|humano|atendente|comprador|"
    "responsavel|gerente|gente|supervisor|setor))", "falar com alguem",
    r"(?:me|nos) (?:liga|ligue|liguem|ligar|telefona|telefone)(?: \w+)?",
    r"(?:pode|podem|podia|poderia|alguem)(?: \w+){0,3} (?:me |nos )?(?:ligar|telefonar|chamar)(?: \w+)?",
    "atendente(?: human[oa])?",
    "no (?:con )?(?:un |una |la |el |este )?(?:robot|maquina|bot|grabacion|computador[a]?|chatbot|contestador)",
    "not (?:a|with a|to a|this) (?:bot|robot|machine|chatbot)",
    "(?:nao|sem) (?:com )?(?:um |o |esse )?(?:robo|bot|maquina)",
    "(?:es|eres|is this|are you|am i talking to|sos) (?:usted )?(?:un |una |a |an )?(?:robot|bot|maquina|machine|"
    "persona real|real person)",
    r"(?:necesito|quiero|prefiero|quisiera|preciso|quero|i need|i want)(?: \w+){0,3} (?:una persona|un humano|"
    "un ejecutivo|una ejecutiva|a person|a human|uma pessoa|um humano|um atendente)",
    "(?:alguien|persona) de (?:compras|carne y hueso|verdad)", r"pas(?:a|e)me con \w+",
)  # fmt: skip

#: The supplier's own errands, no request to us.
OWN_TALK = any_of(
    "(?:tengo|tenemos|debo|debemos|voy|vamos) (?:que |a )?(?:hablar|conversar|consultar|ver)(?:lo|la)? con (?:el|"
    r"la|los|mi|nuestro|nuestra) \w+",
    r"(?:have to|need to|let me|must|will|'ll) (?:talk|speak|check) (?:to|with) (?:my|our|the) (?!buyer|manager)\w+",
    "(?:preciso|vou|tenho que|temos que) falar com (?:o|a|meu|minha|nosso|nossa) (?!comprador|gerente|" r"responsavel)\w+",
)  # fmt: skip

STRANDED = any_of(
    r"no hay nadie(?: \w+){0,6}", r"nadie (?:me|nos) (?:recibe|abre|quiere recibir|atiende|responde en)(?: \w+)?",
    r"no (?:me|nos) (?:quieren|quisieron|dejan|dejaron|reciben|recibieron|abren)(?: \w+){0,3}",
    "(?:rechazaron|devolvieron|rechazan|devuelven)(?! (?:la |el )?(?:factura|orden|cotizacion|oferta|pago))",
    r"(?:nobody|no one|no-one)(?: is| was|'s)?(?: \w+){0,2} (?:here|there|to receive|receiv\w+|at the (?:gate|"
    "warehouse|dock))", "refus(?:ed|ing) (?:to receive|delivery|the (?:load|delivery|goods))", "turned away",
    r"nao tem ninguem(?: \w+){0,4}", "ninguem (?:para|pra) receber",
    r"(?:accidente|choque|choco|volco|robo|robaron|asalt\w+|accident|crash\w*|stolen|hijack\w*|acidente|roubo|"
    r"roubad\w+|assalt\w+|incendio|fire|derrame)",
    r"(?:merma|danad[oa]s?|rot[oa]s|malograd\w+|damaged|broken|contaminad\w+|contaminated|avariad\w+|"
    "vencid[oa]s (?:los|las)|lote (?:defectuoso|malo)|recall|retiro del mercado)",
)  # fmt: skip
