"""The words by which a supplier declines an order, with finality."""

from graphs.reading.offline.text import any_of

#: The supplier refuses or withdraws, with finality.
REFUSE = any_of(
    "cancelo", "cancelamos", "anulo", "anulamos",
    "(?:cancel|anul)(?:en|e|ala|alo|enla|enlo|ela|elo|emosla|emoslo|emos|em|aremos)",
    "(?:vamos a|voy a|vamos|vou|tenemos que|tengo que|debemos|debo|queremos|quiero|prefiero|preferimos|preferiria|"
    "hay que|necesitamos|necesito|solicito|solicitamos|favor|pido|pedimos|mejor|puede[ns]?|desea(?:mos)?|deseo|"
    "obligad[oa]s a|toca|decidimos|decidi|vamos ter que|temos que|tenho que|vou ter que|podem?|gostaria(?:mos)? de|"
    r"preciso|precisamos|quero|lamentamos) (?:\w+ )?(?:cancelar|anular|rechazar|declinar|desistir|recusar)(?:la|lo|"
    "se|nos)?", "(?:queda|damos por|doy por|den por|dejen|considere(?:n|la|nla|mos)?|dejo|dejamos|dejemos|fica|"
    r"favor considerar) (?:\w+ ){0,3}(?:cancelad|anulad)[oa]",
    r"(?:dar|damos|doy|demos|dan|den|dela|denla|darla|dar-lhe) (?:\w+ )?(?:de )?baja",
    "(?:dejar|dejo|dejamos|dejemos|dejemosla|dejenla|dejemoslo|deje|dejen|quede|queda)(?:la|"
    r"lo)? (?:\w+ ){0,2}sin efecto", r"(?:fica|deixamos|deixar) (?:\w+ ){0,2}sem efeito", "desist(?:o|imos|iremos)",
    "rechaz(?:o|amos|aremos)", "declin(?:o|amos|aremos)",
    "(?:nos|me) (?:bajamos|bajo|retiramos|retiro|restamos|resto)(?: de| esta vez)?",
    "busquen? (?:a )?(?:otro|otra|otros)(?: proveedor)?", "no (?:cuenten|cuente|cuentes) con(?: nosotros| esa| la| esta)?",
    "no (?:la |lo )?(?:vamos|voy) a (?:tomar|aceptar|cursar|atender|surtir)(?:la|lo)?",
    "no (?:podremos|podemos|puedo|podre|vamos a poder|voy a poder|lograremos|seremos capaces de|"
    r"estamos en condiciones de|tenemos como|tengo como) (?:\w+ )?(?:cursar|atender|cumplir(?:les|le|la)?|"
    "abastecer(?:les|los)?|suministrar|tomar(?:la)?|proveer|surtir|con (?:esa|la|esta) (?:orden|oc))",
    r"no (?:le|les|te|la|lo) (?:\w+ )?(?:vamos|voy) a poder (?:cumplir|atender|entregar|tomar|despachar)",
    "no (?:aceptamos|acepto|aceptaremos|tomamos|tomaremos|tomo|la tomamos|la acepto|la aceptamos|cursaremos|"
    "la tomo|podemos aceptar|puedo aceptar|podremos aceptar)",
    "(?:we|i)(?:'ll|'m|'re|'d| will| must| have| need| want| would| like| are| am| going| hereby| regret| had|"
    r" decided| unfortunately| regrettably| therefore| also| now| to)* (?:\w+ )?(?:cancel(?:l?ing)?|"
    "withdraw(?:ing)?|declin(?:e|ing)|reject(?:ing)?|pull(?:ing)? out|back(?:ing)? out|turn(?:ing)? (?:it |" "this )?down)",
    "(?:please|kindly|pls) cancel",
    "(?:have|need|forced|obliged|decided|regret) to (?:cancel|decline|withdraw|reject|pass)",
    "must (?:cancel|decline|withdraw)", r"(?:consider|treat) (?:\w+ ){0,4}(?:void|cancelled|canceled)",
    r"(?:unable|not able|not in a position) to (?:supply|fulfil+|accept|take|honou?r|process|provide)(?: \w+)?",
    "(?:can't|cannot|can not|won't|will not|cant) (?:be able to )?(?:supply|fulfil+|accept|honou?r|" r"process)(?: \w+)?",
    "recus(?:o|amos)", "nao (?:vamos|podemos|conseguimos|consigo|posso|vou|conseguiremos|poderemos|temos como|tenho como|"
    r"vou conseguir|vamos conseguir|vamos poder|vou poder) (?:\w+ )?(?:atender|fornecer|aceitar|cumprir|suprir)",
    "nao (?:aceitamos|aceito)", "desist(?:imos|o)",
)  # fmt: skip

#: Reasons that make a "cannot confirm" a final one.
FINAL = any_of(
    "dejamos de", "deje de", r"ya no (?:trabaj|vend|fabric|distribu|produc|import|ten|manej)\w*",
    "no (?:trabajamos|vendemos|fabricamos|manejamos) (?:mas|ya|esa|ese|la|el)", r"descontinu\w+", r"discontinu\w+",
    "sin stock(?! hasta)",
    "no (?:tenemos|tengo|nos queda|queda|hay|contamos con) (?:mas )?(?:stock|producto|disponibilidad|capacidad)",
    "cerramos", "cierre (?:de|definitivo)", "no longer (?:supply|produce|stock|sell|carry|make|offer)", "no stock",
    "out of stock", "discontinued", "stopped (?:producing|selling|making|supplying)", "paramos de", "deixamos de",
    "nao (?:trabalhamos|vendemos|fabricamos) mais", "sem estoque", r"busquen otr\w+",
)  # fmt: skip
