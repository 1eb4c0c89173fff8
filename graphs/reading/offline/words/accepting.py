"""The words of yes, not yet, and on what condition."""

from graphs.reading.offline.text import any_of

#: The supplier says yes, in the first person or as a participle: enough on its own where nothing speaks against it.
ACCEPT = any_of(
    "(?:re)?confirm(?:o|amos|ad[oa]s?|adisim[oa]s?)", "acept(?:o|amos|ad[oa]s?)",
    "(?:la|lo|las|los|se la|te la) tom(?:o|amos)", "damos curso", "doy curso", "damos por (?:aceptada|confirmada)",
    "trato hecho", "damos el (?:ok|vb|visto bueno)", "queda (?:ok|cerrad[oa]|tomad[oa])",
    "(?:we|i|hereby|happily|gladly|fully|we can|i can)(?: hereby| gladly| happily| fully| both)? (?:confirm|"
    "accept)(?: and (?:accept|confirm))?", "confirmed", "accepted", "confirming", "accepting",
    "happy to (?:accept|confirm|proceed|go ahead)", "good to go", "we agree", "deal",
    "order acknowledged", "aceit(?:o|amos)", "(?:ordem|compra|proposta) aceita", "fechad[oa]s?", "fechamos", "fecho",
    "negocio fechado", "pode contar(?: com)?", "podem contar(?: com)?",
)  # fmt: skip

#: A yes that needs a question to answer, or the order named beside it.
WEAK_ACCEPT = any_of(
    "agreed", "deal", "de acordo",
    "si+", "sip", "sipo", "sip po", "sipi", "siii*", "claro(?: que si)?", "ok(?:ey|ay|a|i)?", "okis?", "oki doki",
    "dale(?: nomas)?", "ya", "ya po", "listo(?:co)?", "perfect[oa]", "bueno", "vale", "obvio", "correcto", "exacto",
    "de acuerdo(?! (?:a|al|con lo))", "conformes?(?! (?:a|al))", "adelante", "demosle", "vamos", "hecho", "por supuesto",
    "afirmativo", "me parece(?: bien)?", "tal cual", "todo (?:ok|bien|conforme|correcto|en orden|perfecto)",
    "esta (?:todo )?(?:bien|ok|perfecto|correcto|conforme)", "va(?: todo)?",
    "cuent[ae]n? con(?: ello| eso| nosotros| la orden)?", "super", "bacan", "impecable", "excelente", "procedan?",
    "procedemos", "asi (?:es|sera)", "eso mismo", "es[ae] mism[ao]", "ningun problema", "yes+", "yep",
    "yeah", "yup", "sure(?: thing)?", "fine", "all good",
    "looks? (?:good|fine|great|ok|okay|right|correct)(?: to (?:us|me))?", "go ahead", "absolutely", "of course", "correct",
    "perfect", "great", "sounds good", "approved", "as is", "works for (?:us|me)", "will do", "sim+", "claro que sim",
    "tudo (?:certo|ok|bem|certinho|em ordem)", "certo", "certinho", "beleza", "blz", "combinado", "perfeito",
    "pode (?:seguir|mandar|ser)", "isso(?: mesmo| ai)?", "com certeza", "positivo", "pode fechar",
    r"👍[\U0001f3fb-\U0001f3ff]?", r"👌[\U0001f3fb-\U0001f3ff]?", "✅", "✔️?", "🆗", "🤝",
)  # fmt: skip

_YES = (
    r"(?:ok|okey|oka|conformes?|de acuerdo|listo|lista|perfect[oa]|va|dale|vamos|adelante|tal cual|bien|"
    r"correct[oa]|en orden|all good|looks? good|good|fine|agreed|approved|tudo certo|certo|perfeito|combinado)"
)
_ORDER = (
    r"(?:(?:la|el|esa|ese|esta|su|the|this|your|o|a|seu)\s+)?(?:orden(?: de compra)?|oc|pedido|order|"
    r"purchase order|po|ordem|\d{2,5}|p\d{5})"
)
WEAK_WITH_ORDER = any_of(
    rf"{_YES}(?:[\s,]+(?:con|for|with|on|nomas|no mas|todo|mi parte|esta|nossa|na|com))*[\s,]+{_ORDER}",
    rf"(?:ok|okey|si|dale) (?:a|para|por) {_ORDER}",
    rf"{_ORDER}(?:\s+de compra)?(?:\s+(?:n°?\s*)?p?\d+)?[\s,:]+(?:esta |va |queda |todo |toda |is |looks |tudo |muy )*{_YES}",
)

#: It came, or it is awaited: no yes to what it says.
RECEIPT = any_of(
    r"recib\w+", r"receb\w+", "received", r"acus\w+", "atent[oa]s?", "got it", "gracias por la orden",
    "thanks for the (?:order|po)", "thank you for the (?:order|po)", "obrigad[oa] pelo pedido", "vist[oa]",
    "(?:la |lo )?(?:vi|vimos|lei|leimos)", "noted", "anotad[oa]",
)  # fmt: skip

#: "I confirm" something that is not the order.
OTHER_OBJECT = any_of(
    r"confirm\w* (?:el |la |los |las |the |o |a |os )?(?:precios?|fechas?|cantidad(?:es)?|plazos?|valor(?:es)?|"
    "stock|horario|prices?|dates?|quantit(?:y|ies)|precos?|prazos?|quantidades?)(?!,| y | and | e | de (?:la|su|"
    "esta) (?:orden|oc))", r"confirm\w* que (?:recib\w+|no|llego|me llego|ayer|el|la|los|estamos|estoy|manana)",
    r"(?:confirm|acus)\w* (?:\w+ )?(?:de )?(?:recib[io]\w*|recepcion|recebimento|lectura|asistencia|reunion|visita|"
    "pago|deposito|transferencia|datos|cuenta|numero|direccion|horario|correo|receipt|the (?:receipt|meeting|"
    "payment|address|call)|we (?:have )?received|cuando|apenas|manana|luego|presenca|stock|disponibilidad|factura|"
    "despacho|entrega|el pago|la (?:cuenta|direccion|reunion|visita|factura|recepcion)|el (?:horario|despacho|" "correo))",
    "(?:recepcion|pago|despacho|entrega|direccion|asistencia|factura|transferencia|deposito|reunion|delivery|"
    r"payment|entrega) (?:\w+ ){0,3}confirmad[oa]", "(?:delivery|payment|receipt) confirmed",
)  # fmt: skip

ORDER_NOUN = any_of(
    "orden(?:es)?(?: de compra)?", "oc", "o/c", "pedido", "compra", "order", "purchase order", "po", "ordem(?: de compra)?",
    "rfq", "ref",
)  # fmt: skip
