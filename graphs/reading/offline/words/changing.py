"""The words of other quantities, prices and goods, and of what only people can grant."""

from graphs.reading.offline.text import any_of

CHANGE = any_of(
    "cambi(?:ar|amos|o|e|en|emos|arla|arlo|aria|a)", "modific(?:ar|amos|o|acion|aria|arla|ado|ando|uen)", r"rectific\w+",
    r"correg\w+", r"corrij\w+", r"ajust\w+",
    "dej(?:ar|arla|arlo|ala|alo|emosla|emoslo|amosla|enla|ela|emos|amos|o|en|arlas)",
    "sub(?:io|ir|imos|ieron|en|iria|iendo)", "baj(?:ar|o|aron|amos|ala|arla)", r"aument\w+", r"reduc\w+", r"reduj\w+",
    r"nuev[oa]s? (?:precio|valor|lista|tarifa|fecha|cantidad)\w*", "precio nuevo", r"actualiz\w+", r"reajust\w+", "alza",
    "solo (?:tengo|tenemos|me quedan|nos quedan|quedan|puedo|podemos|alcanzo|alcanzamos|hay)", "(?:me|nos) quedan?",
    "quedan asi", "quedaria(?:n)?",
    "(?:puedo|podemos|podria|podriamos|alcanzo a|alcanzamos a) (?:entregar|despachar|enviar|mandar|ofrecer|"
    "cumplir con|llegar)", "en (?:vez|lugar) de", "saca(?:r|la|lo|en|mos|rle)?", "quit(?:ar|en|a|amos|ala|alo)",
    "agreg(?:ar|uen|a|amos)", "sum(?:ar|en|ale)", r"reemplaz\w+", r"sustitu\w+", "faltan?", "a ese precio", "tampoco",
    "que sean", "mejor", r"por \d+ si", r"descont\w+", "chang(?:e|ed|ing|es)", "modif(?:y|ied|ying|ication)", r"amend\w*",
    "revis(?:e|ed|ing|ion)", "updat(?:e|ed|ing)", "increas(?:e|ed|ing)", "reduc(?:e|ed|ing|tion)", "new price",
    "(?:went|gone|go|going) up", "rais(?:e|ed|ing)", "only (?:have|got|do|supply|deliver|ship|offer)", "can only",
    "(?:have|got) only", "instead", "replac(?:e|ing|ed|ement)", r"substitut\w+", "remove", "drop", "add", "short(?:age)?",
    "rather", r"adjust\w*", "correct(?:ion)?", "make it", "minimum", "mud(?:ar|amos|ou|anca|aria)",
    "alter(?:ar|amos|acao|ou)", "trocar", "trocamos", "subiu", "subiram", "aument(?:o|ou|ar)", "reduzir", "novo preco",
    "preco novo", "so (?:tenho|temos|consigo|conseguimos|da)", "no lugar", "em vez", "tirar", "retirar", r"atualiz\w+",
    r"corrig\w+", "somente", "apenas", "conseguimos",
)  # fmt: skip

#: The supplier offers only part, or another amount: a bare number beside it is a quantity.
LIMITED = any_of(
    "solo (?:tengo|tenemos|me quedan|nos quedan|quedan|puedo|podemos|alcanzo|alcanzamos|hay|con)",
    "(?:me|nos) quedan(?: solo)?", "tengo(?: solo)?",
    "(?:que sean|dejala en|dejalo en|dejemosla en|dejemoslo en|bajala a|subela a|quedemos en|lleg(?:o|amos) (?:a|"
    "hasta))", "alcanz(?:o|amos|an|a) (?:para|a|con)?", r"(?:por|con) \d+",
    "can only (?:do|supply|deliver|ship|offer|send)", "only (?:have|got)", "(?:have|got) only", "make it",
    "so (?:tenho|temos|consigo|conseguimos)", "apenas", "somente",
)  # fmt: skip

#: The rest stands as ordered.
THE_REST = any_of(
    "(?:el|lo) (?:resto|demas)", "lo otro", "los otros", "las otras", "todo lo demas",
    "(?:the )?(?:rest|others?|remaining|everything else)", "o (?:resto|restante)", "os demais",
)  # fmt: skip

#: Payment, guarantees, contracts, pick-up, freight, reception: what only the company's people can grant.
DEMAND = any_of(
    "anticip(?:o|ado|os)", "adelant(?:o|ado|en|an|ar)", "abono", "prepago",
    r"pago (?:al )?(?:contado|previo|anticipado|adelantado|inmediato|contra \w+)", "al contado", "contado",
    "contra entrega", r"pag\w+ (?:\w+ ){0,3}(?:a |en |to |em )?\d+ (?:dias|days)", r"a \d+ dias", "plazo(?:s)? de pago",
    "credito", "garantia", "boleta", "contrato", r"firm(?:en|ar|ada|ado|an) (?:\w+ )?(?:contrato|orden|acuerdo|pagare)",
    "retir(?:an|en|ar|o|e|ado|arla|arlo|os)", "pas(?:en|an|ar) a buscar", "vengan a buscar", "flete", "transporte",
    "recepcion(?:es)?",
    r"recib(?:en|an|ir|irnos|irme|e|a)(?:nos|me)? (?:\w+ ){0,2}(?:antes|despues|a las|desde|hasta|sabado|domingo|"
    "temprano|en la)", r"descarg\w+", "horario", "pag(?:uen|an|ar|ue|ado|o|os|aran)", "deposit(?:en|an|ar|o)",
    r"transfier\w+", "liberen", "deuda", "cheque", "pagare", "multas?", "seguro", "exclusividad", "advance", "upfront",
    "up front", "pre-?pay(?:ment)?", "down payment", "deposit", "guarantee", "contract", "pick(?:ed)?[ -]?up",
    "collect(?:ion)?", "freight", "shipping cost", "payment", "pay", "paid", r"net \d+", r"(?:in|at|within) \d+ days",
    "letter of credit", "lc", "cash", "incoterms?", "ex[- ]?works", "exw", "insurance", r"unload\w*", "credit terms",
    "sign", "adiantamento", "adiantad[oa]", "sinal", "antecipad[oa]", "a vista", "retir(?:ada|ar|em|am)", "frete",
    "pagamento", "paguem", "pagarem", "prazo de pagamento", "boleto", "deposito", "recebimento",
)  # fmt: skip

#: An offer rather than a change.
OFFERING = any_of(
    r"ofrec\w+", "ofrezco", r"cotiz\w+", "ofertar?", "offer(?:ing)?", "quote", r"oferec\w+",
    "si (?:quieren|quiere|necesitan|gustan)", "if you (?:want|need|like)", "se (?:quiserem|precisarem)",
)  # fmt: skip

OFFER = any_of(
    "cotiz(?:o|amos|acion|aciones|aste|aron|ar|ado|a)", "ofert(?:a|as|amos|o)", "ofrec(?:emos|erles|erle|er|iendo)",
    "ofrezco", "lista de precios", "precios?", "valor(?:es)?", "propuesta", "presupuesto", "tarifa(?:s)?", "tengo",
    "tenemos", "me (?:llego|llegaron|entro|queda|quedan)", "nos (?:llego|llegaron|entro|queda|quedan)", "disponible(?:s)?",
    "promocion", "promo", "les interesa", "le interesa", "te (?:interesa|tinca|sirve)", "(?:puedo|podemos) dejar",
    "se la (?:dejo|dejamos)", "(?:le|les|te) (?:paso|dejo|mando|ofrezco|cotizo|envio)", "sale(?:n)? (?:a|en)?",
    "cuesta(?:n)?", "vale(?:n)?", "esta(?:n)? a", "a la venta", "quot(?:e|es|ation|ing|ed)", "offer(?:s|ing|ed)?",
    "price(?:s|d| list)?", "proposal", "we (?:have|can|could|do)", "available", "in stock", "per", "each", "interested",
    "rates?", "is", "at", "cotac(?:ao|oes)", "propostas?", "orcamento", "precos?", "oferec(?:emos|o)", "temos", "tenho",
    "tabela", "segue(?:m)?", "disponivel", "fica", "sai por", "por", "custa",
)  # fmt: skip
