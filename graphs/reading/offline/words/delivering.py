"""The words of dispatch, arrival and delay."""

from graphs.reading.offline.text import any_of

#: Words of dispatch, delivery and delay.
DELIVERY = any_of(
    "(?:estoy|estamos|estaremos|estare|andamos) (?:por |ya )?(?:alla|alli|ahi|aca|llegando|afuera|en (?:la|su|"
    "tu) (?:bodega|planta|porteria))",
    "entreg(?:o|a|amos|ar|are|aremos|ad[oa]s?|as|an|arla|arlo|ue|amo|aria|ariamos|ando|arle|arles|arselo|arselos)",
    "llega(?:n|mos|r|ra|ran|ria|rian|ndo)?", "llegue(?:n|mos)?", "llego", "llegaron",
    "despach(?:o|amos|ar|e|ad[oa]s?|aremos|os|a|an|aron|are|amo)", "envi(?:o|amos|ar|ad[oa]s?|aremos|e|os)",
    "camion(?:es|cito)?", "chofer", "conductor", "en (?:ruta|camino|transito|reparto)", "sali(?:o|eron|mos|endo)",
    "sale(?:n)?", "guia(?: de despacho)?", "atras(?:o|ad[oa]s?|os|amos|ara|aremos|ando|ar|a|e)",
    "retras(?:o|ad[oa]s?|os|ara|amos|ar|e|a)", "demor(?:a|o|ad[oa]s?|ando|ara|as|amos|ar|aremos)", "panne",
    "(?:se |te |le |les )?(?:dejo|dejamos|mando|mandamos|llevo|llevamos) (?:el|la|los|las|su|tu|sus)",
    "(?:pasamos|paso|pasaremos) (?:a dejar|a entregar|manana|hoy|el)", "transport(?:e|ista)", "aduana", "cargando",
    "cargad[oa]", r"descarg\w+", "repart(?:o|imos|en|idor)", "bodega", "ruta", "tracking", "seguimiento", r"arrib\w+",
    r"embarc\w+", "embarque", "contenedor", "puerto", "deliver(?:y|ies|ed|ing|s)?", "ship(?:ped|ping|ment|ments|s)?",
    "dispatch(?:ed|ing)?", "arriv(?:e|es|ed|ing|al)", "truck", "driver", "on (?:its|the) way", "delay(?:ed|s)?",
    "running (?:a bit |a little |slightly )?(?:behind|late)", "late", "behind schedule", "in transit", "customs", "eta",
    "left (?:our|the) (?:warehouse|plant|factory|port|depot)", "loaded", "loading", "container", "vessel", "port",
    "courier", "out for delivery", "held up", "entreg(?:amos|ar|ue|a|aremos|ando|as)",
    "cheg(?:a|am|ou|ar|ando|ara|amos|aram)", "saiu", "sairam", "despach(?:ado|ada|ou|amos)", "caminhao", "motorista",
    "a caminho", "em (?:rota|transito)", "atras(?:o|ado|ou|ar|ada|os|aram)", "alfandega", "carga", "rastreio",
    "carregad[oa]", "conteiner", "porto", "transportadora", "enviad[oa]s?", "enviamos",
)  # fmt: skip

#: A promise or wish about when goods arrive: only near these is a day a delivery date.
ARRIVAL = any_of(
    "entreg(?:o|a|amos|ar|are|aremos|as|an|arla|arlo|ue|amo|aria|ariamos|arle|arles|arselo|arselos|em|ando|uemos)",
    "lleg(?:a|an|amos|ar|ara|aran|aria|arian|ue|uen|uemos|o|ariamos|aremos|are)",
    "(?:dejo|dejamos|dejaremos|dejare|mando|mandamos|llevo|llevamos|paso|pasamos|tengo|tenemos|tendria|tendriamos|"
    "estoy|estamos|estaria|estariamos|estara)",
    "(?:pasar|correr|mover|cambiar|aplazar|postergar|reprogramar|reagendar|adelantar|dejar|dejarla|dejarlo|"
    "correrla|moverla|cambiarla|pasarla|correrlo|moverlo|corremos|movemos|cambiamos|postergamos|pasamos|dejemosla|"
    "dejemoslo|queda|quedamos|quedaria|quedo)", "(?:me |nos )(?:acomoda|sirve|queda|conviene)(?:ria)?(?: mas| mejor)?",
    "reparto", "fecha", "puesto en", "para (?:el|la|ma|pasado|este|o|dia)", "recien",
    "despach(?:o|amos|ar|aremos|are|aria|a)", "lo dejamos", "se (?:va|corre|pasa|atrasa|mueve)", "deliver(?:y|ed|ing|ies)?",
    "arriv(?:e|es|ing|al)", "land(?:s|ing)?", "eta", "reschedul(?:e|ed|ing)", "push(?:ed|ing)?", "mov(?:e|ed|ing)",
    "postpon(?:e|ed|ing)", "bring", "drop(?:ping)? (?:it |them )?off", "there (?:on|by)", "with you", "to you",
    "reach(?:es|ing)?", "will be (?:there|with)", "be there", "suits? (?:us|me) better", "earliest", "slip(?:ped|ping)?",
    "ready", "instead", "make it", "entreg(?:amos|ar|o|a|aremos)", "cheg(?:a|am|ar|ara|amos|aremos|ando|aria)", "adiar",
    "remarcar", "mudar", "passar", "levo", "levamos", "deixo", "deixamos", "consigo", "conseguimos", "previsao", "fica",
    "ficaria",
)  # fmt: skip

#: A day beside these is no delivery date: validity, payment, a look at the order, what is over.
NOT_ARRIVAL = any_of(
    "valid(?:ez|o|a|os|as|ade)", "vigen(?:te|cia|tes)", "vigencia",
    "pag(?:o|os|ar|an|amos|aron|uen|ue|ado|aran|amento|arem)", "vence", "vencio", "vencimiento", "vencida", "venceu",
    "factur(?:a|as|ar|o|ada|amos|acion)", r"cobr\w+", "reviso", "revisamos", "reunion", "confirmo (?:manana|el|luego)",
    "aviso", "avisamos", r"respond\w+", r"contest\w+", r"consult\w+", "llam(?:o|amos|e|ar|en)", "ayer", "pasad[oa]",
    "anterior", "entregad[oa]s?", "fue(?:ron)?", "recibid[oa]s?", "enviad[oa]", r"emiti\w*", "mandaron",
    "cotizacion(?: del)?", "hasta", "desde hoy", "a contar de", "a partir de", "hoy (?:esta|estan|en dia)", "precio(?:s)?",
    "feriado", "vacaciones", "hablamos", "reclamo", "valid(?:ity)?", "expires?", "pay(?:ment|ments|ing|able)?", "paid",
    "due", "invoice[ds]?", "overdue", "yesterday", "last", "ago", "was", "were", "left", "meeting", "call", "revert",
    "reply", "confirm by", "review", "until", "sent", "back (?:in|on)", "holiday", "validade", "nota", "boleto", "ontem",
    "vencimento", "pagar", "reuniao", "valida", "mandei", "foi", "entregue", "ate", "retorno", "respondo",
)  # fmt: skip

DISPATCHED = any_of(
    "sali(?:o|eron|mos)", "sale(?:n)?", "va saliendo", "despachad[oa]s?", "despacharon", "enviad[oa]s?", "shipped",
    "dispatched", "left", "saiu", "sairam", "enviamos", "despachamos", "despachar(?:emos|e|a)?", "ships?", "shipping",
    r"embarc\w+", "sair", "cargamos",
)  # fmt: skip

AS_AGREED = any_of(
    r"como (?:esta(?:ba)? )?(?:acordado|acordamos|quedamos|combinado|conversado|conversamos|habiamos \w+|combinamos|"
    "hablado|hablamos|dijimos)", "segun lo acordado", "lo acordado",
    "as (?:agreed|requested|planned|scheduled|discussed|promised)", "on (?:time|schedule)", "a tiempo", "en (?:la )?fecha",
    "conforme combinado", "no prazo", "(?:la|el) mism[oa] (?:fecha|dia)",
)  # fmt: skip

DELAY = any_of(
    r"atras\w*", r"retras\w*", r"demor\w*", "panne", r"delay\w*", "behind", "late",
    r"no (?:alcanz|lleg|vamos a llegar|voy a llegar|vamos a alcanzar)\w*", "won't (?:make|arrive|be there)", "can't make",
    r"nao (?:vai|vamos|consegu\w+) chegar", "held up", "stuck", "retenid[oa]", "varad[oa]", r"pinch\w+", "tac[oa]s?",
    r"bloque\w+", "par(?:o|alizacion)", "held", "quebrou",
)  # fmt: skip
