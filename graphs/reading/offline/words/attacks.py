"""What is aimed at the assistant rather than at the buyer: orders, borrowed authority, questions about others."""

from graphs.reading.offline.text import any_of

ORDERS = any_of(
    "(?:ignor|olvid|descart|omit|desobedec|salt)(?:a|e|en|ar|es|ate|are|"
    r"as)?(?: por favor)?(?: \w+){0,4} (?:instrucci(?:on|ones)|instrucoes|instructions?|reglas?|regras|politicas?|"
    "limites?|restricciones|ordenes anteriores)",
    r"(?:ignore|disregard|forget|override|bypass|skip)(?: \w+){0,5} (?:instructions?|rules?|prompts?|guidelines|"
    "polic(?:y|ies)|limits?|checks?|approvals?|everything|above|previous)",
    r"(?:ignore|esqueca|desconsidere|ignora)(?: \w+){0,4} (?:instrucoes|regras|anteriores|limites|tudo|lo anterior|"
    "todo)",
    "(?:new|nuevas?|novas?) (?:instructions?|instrucciones|instrucoes|reglas|rules) ?(?:del sistema|do sistema|for|"
    "para|:)", r"(?:you are|eres|usted es|ahora eres|voce e|sos) (?:now |ahora |un |uma |an? )+(?:\w+ ){0,2}(?:asistente|"
    "assistant|bot|modelo|model|ia|ai|agent|agente)",
    "(?:act|actua|actue|aja|comportate|behave|responde|pretend|finge|simula) (?:as|como|to be|que eres) ",
    "(?:modo|mode) (?:desarrollador|developer|dios|god|admin|administrador|debug|mantenimiento|prueba|test|dan)",
    "(?:developer|debug|admin|god|maintenance|test|root) mode",
    "(?:tu|tus|su|sus|your|suas?|teus?|the|el|o) (?:system )?(?:prompt|prompts|configuracion interna|"
    "instrucciones (?:internas|de sistema|iniciales)|internal instructions)",
    "(?:repite|repita|muestra|muestrame|revela|imprime|copia|pega|dime|dame|repeat|reveal|print|show|tell me|"
    r"output|mostre|revele|repita|copie|traduce|resume)(?: \w+){0,4} (?:instrucciones|instructions?|instrucoes|"
    "prompt|configuracion|reglas|rules|regras)",
    r"(?:confirm|aprueb|aprob|approv|acept|accept|aprov|autoriz|authoriz)\w*(?: \w+){0,2} (?:todas?(?: las| sus)?|"
    r"todos?(?: los| os)?|all(?: the| of the| open| pending)?|every|cada una de las|todas as) (?:\w+ )?(?:ordenes|"
    "orders?|pedidos|cotizaciones|ofertas|oc|quotes|facturas|invoices|purchase orders)",
    "(?:aprueb|apruebe|aprobar|aprove|approve|autoric|autoriz|authori[sz]e|marc|mark|marque|registr|confirm|acept|"
    r"accept|cancel|genere?|emit)\w*(?: \w+){0,6} (?:sin|without|sem)(?: \w+){0,2} (?:revis\w+|consult\w+|aprob\w+|"
    r"autoriz\w+|approval|review\w*|asking|human|pregunt\w+|validar|avis\w+|person\w*|aprova\w+|checking|check|"
    r"supervis\w+|confirmacion)",
    r"(?:aprueb|aprob|apruebe|aprove|approve|autoric|autoriz|authori[sz]e)\w* (?:\w+ ){0,3}(?:directamente|"
    "de inmediato|inmediatamente|automaticamente|immediately|automatically|right away|ahora mismo|imediatamente|"
    "directly|ya mismo)",
    r"no (?:\w+ ){0,2}(?:envies?|pases?|derives?|mandes?|escales?|avises?|consultes?|muestres?|comentes?|digas?|"
    r"informes?)(?: \w+){0,5} (?:a revision|a una persona|a un humano|a nadie|al equipo|con el equipo|con nadie|"
    "con compras|al comprador|al jefe|a compras|a tu jefe|el limite)",
    "no (?:lo|le|la|les) (?:comentes?|digas?|cuentes?|informes?|avises?)(?: nada)?",
    r"(?:do not|don't|dont|never)(?: \w+){0,3} (?:tell|inform|escalate|notify|mention|involve|alert|" r"show)(?: \w+){0,5}",
    "(?:nao|sem) (?:envie|avise|avisar|conte|consulte|consultar|informe|comente|passe|encaminhe|" r"contar)(?: \w+){0,5}",
    r"(?:marca|marque|marcar|mark|set|pon|cambia|change|registra|registre)(?:la|lo|le|r)?(?: \w+){0,4} (?:como|as|a|"
    r"to) (?:\w+ )?(?:recibid\w+|pagad\w+|aprobad\w+|aceptad\w+|confirmad\w+|received|paid|approved|accepted|"
    r"confirmed|recebid\w+|pag[oa]|aprovad\w+|aceit\w|facturad\w+)",
    "(?:autoriza|autorice|autorizar|authorize|authorise|libera|libere|release|ejecuta|execute|gatilla|"
    r"autorize)(?: \w+){0,3} (?:el pago|los pagos|payment|the payment|o pagamento|la transferencia)",
    "(?:segun|por|following) (?:tus|your|suas) (?:nuevas |new |novas )?(?:instrucciones|instructions|instrucoes|" "reglas)",
    "(?:tu|your|sua) (?:tarea|task|tarefa|objetivo|mision|goal) (?:es|is|e|ahora|now)",
    r"(?:responde|responda|reply|respond|contesta|answer)(?: \w+){0,2} (?:solo|solamente|unicamente|only|apenas|"
    r"""exactly|exactamente|somente)(?: \w+){0,2} ?[\"':]?""",
    r"(?:jailbreak|prompt injection|dan mode|sudo|drop table|select \* from)",
    "(?:ejecuta|execute|run|llama|call|usa|use) (?:la |the |a )?(?:herramienta|tool|funcion|function|ferramenta|"
    "funcao|confirm_purchase_order|comando|command)", "(?:confirm|cancel|create|approve|send)_[a-z_]+",
)  # fmt: skip

FAKE_BOSS = any_of(
    "(?:soy|habla|le habla|te habla|i am|i'm|im|this is|aqui e|sou|eu sou|aqui|te escribe) (?:el |la |the |o |a |"
    "your |tu |su )?(?:nuev[oa] |new )?(?:gerente|jefe|jefa|dueno|duena|director|directora|ceo|cfo|owner|boss|"
    "manager|administrador|admin|diretor|dono|chefe|encargad[oa] de compras|comprador|buyer|head of|purchasing|"
    "procurement|desarrollador|developer|programador|tecnico|soporte|auditor)(?: (?:de|of|do|da|general|manager|"
    r"purchasing|procurement|director)(?: \w+){0,3})?", "(?:te|le|les|os) (?:autorizo|ordeno|instruyo)",
    "i authori[sz]e you", "(?:eu )?(?:te |o |lhe )?autorizo (?:voce|a)",
    "desde mi (?:correo|mail|telefono|numero|celular|cuenta) personal",
    "from my (?:personal|private) (?:e-?mail|phone|number|account)",
    "(?:tengo|tenho|i have) (?:autorizacion|permiso|authori[sz]ation|autorizacao) (?:del?|of|from|do|"
    r"da) (?:gerente|jefe|gerencia|your|tu|su|manager|diretor|ti|vuestro)(?: \w+){0,2}",
    "(?:mi|my|el|your|tu|su) (?:jefe|gerente|boss|manager) (?:de ustedes |suyo )?(?:ya )?(?:me )?(?:autorizo|"
    "aprobo|approved|authori[sz]ed)",
)  # fmt: skip

OTHERS = any_of(
    "(?:precios?|valores?|ofertas?|cotizaci(?:on|ones)|prices?|quotes?|offers?|precos?|propostas?|condiciones|"
    r"ordenes|orders|pedidos|datos)(?: \w+){0,3} (?:de|del|of|from|do|da|dos|for|por)(?: \w+){0,2} (?:otr[oa]s?|"
    r"other|another|demas|outros?|outras?|competencia|competidor\w*|competitors?|concorren\w+)(?: \w+)?",
    "(?:otr[oa]s?|other|another|outros?|los demas|the other|competing) (?:proveedor(?:es)?|suppliers?|vendors?|"
    r"fornecedor(?:es)?|molinos?|oferentes?|competidor(?:es)?|bidders?|empresas?)(?='s|\?| (?:les|le|te|cobr|vend|"
    "ofrec|charg|offer|quot|pric|cobra))",
    r"(?:a )?(?:cuanto|como|how much|quanto|a que precio|what)(?: \w+){0,6} (?:el otro|la otra|los otros|"
    "otro proveedor|otros proveedores|the other|other suppliers?|others?|another|a outra|o outro|outros|"
    r"la competencia|competencia|the competition|concorrente|competitors?)(?: \w+)?",
    "(?:dame|dime|pasame|envia(?:me)?|tell me|give me|show me|me (?:da|diz|passa|dices|das|pasas)|revela|"
    r"share)(?: \w+){0,3} (?:tus|sus|your|seus|their|suas) (?:precios|prices|precos|limites?|topes?|presupuesto|"
    r"budget|margen|max\w*|orcamento)",
    r"(?:cual es|what is|what's|qual e|dime|tell me|cuanto es)(?: \w+){0,2} (?:tu|su|your|seu|el|the|"
    r"o) (?:precio (?:maximo|limite|tope|objetivo)|limite|tope|presupuesto|max\w*(?: price)?|budget|orcamento|"
    "preco maximo|walk-away|target price|top price|price limit|highest price)",
    "(?:maximo|maximum|max|most) (?:que )?(?:pueden|puedes|estan dispuestos|you can|you would|you're willing|"
    r"you are willing|podem)(?: \w+){0,2} (?:pagar|pay)", "(?:the )?most (?:you can|you would|you will|you'?d) pay",
)  # fmt: skip
