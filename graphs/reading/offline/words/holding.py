"""The words that keep a yes from being one: later, perhaps, a condition, a denial, what others said."""

from graphs.reading.offline.text import any_of

#: Not yet, later, perhaps, someone else must say: no decision, whatever stands beside it.
DEFER = any_of(
    "pronto", "shortly", "en breve", "em breve", "logo",
    "(?:confirm|acept)(?:o|amos|e|em)? (?:(?:el|este|la|o|na|nesta|en|a|hoy|on|by|next|this) )*(?:manana|tarde|"
    r"noche|pasado|lunes|martes|miercoles|jueves|viernes|sabado|domingo|proxim\w+|luego|amanha|segunda|terca|quarta|"
    "quinta|sexta|semana|tomorrow|monday|tuesday|wednesday|thursday|friday|week)",
    r"(?:accept|confirm) (?:it |this )?(?:tomorrow|next|on|by|in) ?\w*", "todavia", "aun", "despues", "luego",
    "mas (?:rato|tarde|adelante)",
    "(?:te|le|les) (?:aviso|avisamos|confirmo (?:manana|luego|despues|el|la proxima|mas|en|apenas|cuando|a la)|"
    "confirmare|confirmaremos|cuento|digo|respondo)",
    "(?:voy|vamos) a (?:ver|revisar|confirmar|consultar|preguntar|pensar|evaluar)",
    "(?:la|lo|los|las) (?:reviso|revisamos|veo|vemos|estudio|estudiamos|evaluo|evaluamos|consulto|consultamos|" "pienso)",
    "(?:estoy|estamos) (?:viendo|revisando|evaluando|consultando|esperando|confirmando)",
    "(?:tengo|tenemos|debo|debemos|necesito|necesitamos|falta|me falta|nos falta) (?:que )?(?:ver|revisar|"
    "consultar|confirmar|preguntar|chequear|hablar|verificar|validar|coordinar)(?:lo|la)?",
    "deja(?:me|nos)?(?: que)? (?:ver|veo|revisar|reviso|consultar|consulto|confirmar|confirmo|chequear|chequeo|"
    "pensar|pensarlo)(?:lo|la)?", "dejeme(?: que)? (?:ver|veo|revisar|reviso|consultar|confirmar)(?:lo|la)?",
    "por confirmar",
    "(?:creo|creemos|supongo|imagino|quizas?|tal vez|capaz|a lo mejor|probablemente|posiblemente|puede que|"
    "puede ser|parece que|deberia(?:n|mos)?|ojala|espero que|espero|seguramente)", "en principio",
    "(?:fuera de (?:la )?oficina|de vacaciones|ausente|respuesta automatica)",
    "mi (?:jefe|jefa|socio|gerente|bodeguero) (?:tiene|debe|ve|dice|quiere|decide)", "confirmar(?:ia|e|emos|iamos|an)",
    "aceptar(?:ia|e|emos|iamos)", "podria(?:mos)? confirmar", "apenas", "en cuanto", "cuando (?!quieran)", r"pend?ient\w*",
    "esperen?me", "dame un (?:rato|minuto|segundo)", r"(?:dame|denme|deme) (?:un|unos|hasta|\d)\w*", "lo antes que pueda",
    "yet", "later", "soon", "let me (?:check|see|confirm|ask|get back|review)", "get back to",
    "(?:i|we)(?:'ll| will| need to| have to| must| still need to| should| are going to|'re going to) (?:check|"
    "review|confirm|see|ask|let|get back|revert|talk|look|verify|consult|discuss|come back)", "maybe", "perhaps",
    "probably", "possibly", "might", "(?:i|we) (?:think|guess|believe|hope|suppose)", "should be", "pending",
    "waiting (?:on|for)", "reviewing", "checking", "out of (?:the )?office", "on (?:leave|holiday|vacation)", "away until",
    "to be confirmed", "tbc", "tentatively", "in principle", "hopefully", "still (?:checking|reviewing|waiting|need|not)",
    "we'd (?:confirm|accept)", "would (?:confirm|accept)", "once", "as soon as(?! possible)", "ainda", "depois",
    "mais tarde", "vou (?:ver|verificar|confirmar|consultar|checar|falar|perguntar|olhar|conferir)",
    "vamos (?:ver|verificar|confirmar|consultar|avaliar|conferir|analisar)", "talvez", "acho que",
    "preciso (?:ver|falar|verificar|consultar|confirmar|checar|conferir)",
    "precisamos (?:ver|falar|verificar|consultar|confirmar)", "deixa(?: eu| me)? (?:ver|verificar|confirmar|checar)",
    "te aviso", "aviso (?:voces|voce)", "retorno (?:em|ate|amanha|assim)",
    "estou (?:vendo|verificando|conferindo|aguardando|esperando)",
    "estamos (?:vendo|verificando|conferindo|aguardando|analisando)", "a confirmar", "aguardando", "assim que", "pendente",
    "fora do escritorio", "ferias", "confirmarei", "confirmaremos", "provavelmente", "em principio",
)  # fmt: skip

#: A condition, exception or contrast: what is accepted with one is not accepted as it stands.
CONDITION = any_of(
    "con (?:eso|ello)(?! estamos)", "en (?:ese caso|esas condiciones)", "asi si", "in that case", "nesse caso", "pero+",
    "siempre (?:que|y cuando|q)", "con tal(?: de)?(?: que)?", "(?:a|bajo|con) (?:la )?condicion(?: de)?(?: que)?",
    "condicionad[oa]s?", "sujet[oa]s? a", "salvo(?: que)?", "excepto", "menos (?:el|la|los|las|que)", "a menos que",
    r"solo (?:que|si|con|tengo|por|puedo|podemos|hasta|queda\w*|me|nos|alcanz\w*|tenemos|para|hay|una|un|la|el|los|"
    r"las|\d+\w*)", "solamente", "unicamente", "aunque", "en (?:vez|lugar) de", "sin embargo", "no obstante",
    "mientras(?: que)?", "hasta que", "si es que", "en caso(?: de)?(?: que)?", r"depende\w*", "previ[oa](?: a| al)?",
    "a cambio", "contra (?:pago|entrega|deposito|transferencia)", "descontando", "quitando", "sacando", "eliminando",
    r"con (?:el|la|los|un|una|las) (?:precio|valor|ajuste|alza|cambio|diferencia|fecha|reajuste|recargo|nuev\w+)\w*",
    r"con (?:un|el) \d+", "eso si", "ojo(?: que)?", "lo unico", "excepcion", "considerando (?:que|el|un)",
    "parcial(?:mente)?", "la mitad", "una parte", "faltan?(?:ria)?", "con ajustes?", "asumiendo", "entendiendo que",
    "suponiendo", "but", "provid(?:ed|ing)(?: that)?", "as long as", "so long as", "unless", "except(?:ing)?(?: for)?",
    "however", "if", "subject to", "on (?:the )?condition(?: that)?", "conditional(?:ly)?(?: on| upon)?", "conditions?",
    "contingent (?:on|upon)", "only", "instead(?: of)?", "without", "until", "assuming", "though", "although", "apart from",
    "other than", "rather than",
    r"with (?:a|the|one|some) (?:change|condition|exception|revised|new|adjust\w+|small|minor|increase\w*|"
    r"different)\w*", "partial(?:ly)?", "half", "in exchange", "whereas", "just (?:that|not|one)", "minus", "less the",
    "excluding", "porem", "contanto(?: que)?", "so que", "exceto", "menos (?:o|a|os|as)", "sujeit[oa]s? a", "somente",
    "ate que", "com a condicao", "condicao", "entretanto", "contudo", "no entanto", "em vez d[eo]", "no lugar d[eo]",
    "sem o", "sem a", "tirando", "metade", "falta",
    r"so (?:tenho|temos|consigo|conseguimos|posso|se|com|vou|da|a partir|\d+)", "a nao ser",
    "com (?:o|um) (?:novo )?(?:preco|ajuste|reajuste|prazo)",
)  # fmt: skip

#: Words that are conditions in Portuguese and harmless or different in Spanish (`más`, `se`, `caso`).
CONDITION_PT = any_of("mas", "se", "caso", "apenas", "desde que")

#: In Portuguese `no` is "in the".
NEGATION_PT = any_of("nao", "nem", "nunca", "jamais", "nenhum[a]?", "sem", "infelizmente", "impossivel", "ninguem")

NEGATION = any_of(
    "no", "nunca", "jamas", "tampoco", "ni", "ningun[oa]?", "nada", "not", "never", r"\w+n't", "cannot", "cant", "dont",
    "wont", "unable", "nao", "nem", "nenhum[a]?", "jamais", "neither", "nor", "none", "sin", "sem", "imposible",
    "impossible", "impossivel", "lamentablemente", "lamentamos", "infelizmente", "unfortunately", "regrettably", "sorry",
    "desgraciadamente",
)  # fmt: skip

#: Something that others said or did, or that is past: no word of the supplier's about this order now.
HEARSAY = any_of(
    "(?:la )?(?:vez|semana) (?:pasada|anterior)", "(?:mes|ano) pasado", "ayer", "anteayer", "ultima vez", "la otra vez",
    "antes (?:me|nos|les|te)", "otr[oa]s? clientes?",
    r"(?:me|nos) (?:ha |han )?(?:confirm|acept|cancel|anul|pid|dij|dic)\w*", "(?:dice|dicen|dijo|dijeron) que",
    "(?:mi|el|nuestro|la|su|mi) (?:jef[ea]|gerente|bodeguer[oa]|soci[oa]|vendedor|fabrica|cliente|contador[a]?)",
    "me pidieron", "pidio", "habia(?:mos|n)?", r"si hubiera\w*", r"hubiera\w*", "siempre (?:me|nos|les)",
    "last (?:time|week|month|year|order)", "yesterday", "previously", "another (?:customer|client)",
    "other (?:customers|clients)",
    "(?:he|she|they|my boss|our manager|the factory) (?:said|says|confirmed|accepted|cancelled|told)", "used to",
    "would have", "da (?:outra|ultima) vez", "(?:mes|ano|semana) passad[oa]", "ontem", "outros? clientes?",
    "(?:ele|ela|eles|meu chefe|a fabrica) (?:disse|confirmou|aceitou|cancelou|falou)", "(?:disse|disseram) que",
    "tinha(?:m|mos)?",
)  # fmt: skip
