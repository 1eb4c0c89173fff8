"""Turns of phrase that hold a word of negation or condition and mean neither.

They are blanked (offsets stay) before any rule looks for a `no`, a `sin` or a `si`.
"""

from graphs.reading.offline.text import any_of, blank

_IDIOMS = any_of(
    "no hay (?:ningun )?(?:drama|problemas?|inconvenientes?|tema|atado|rollo|lio)",
    "no (?:tengo|tenemos|veo|vemos) (?:ningun )?(?:problemas?|inconvenientes?|observaciones|reparos|comentarios|"
    "objeciones)", "sin (?:ningun[a]? )?(?:problemas?|drama|observacion(?:es)?|cambios?|novedad(?:es)?|comentarios?|"
    "inconvenientes?|reparos?|modificacion(?:es)?|ajustes?|objecion(?:es)?|mas|falta|dudas?)", "no mas", "nomas", "noma",
    "ningun problema", "ningun inconveniente", "como no", "por que no", "menos mal", "si o si", "(?:no|ni) te preocupes",
    "no se preocupen?", "cuanto antes", "lo antes posible", "si dios quiere", "si todo (?:va|sale) bien", "ni hablar",
    "no tan solo", "por si acaso", "por las dudas", "si no es molestia", "como si nada", "no es por nada",
    "cuando (?:quieran|gusten|puedan)",
    "no (?:problems?|issues?|worries|objections?|changes|doubt|comments|remarks)(?: at all| from our side|"
    " on our side)?", "without (?:any )?(?:changes?|problems?|issues?|remarks?|reservations?|delay)", "no problem at all",
    "not a problem", "why not", "if (?:that's|that is|it's) ok(?:ay)?", "as (?:soon as|well as) possible", "if not already",
    "sem (?:nenhum[a]? )?(?:problemas?|alterac(?:ao|oes)|ressalvas?|mudancas?|observac(?:ao|oes)|falta|duvida)",
    "nao (?:tem|ha|vejo|temos|vemos) (?:nenhum[a]? )?(?:problemas?|objecao|objecoes)", "nao se preocupem?",
    "se deus quiser", "pois nao", "o quanto antes",
)  # fmt: skip


def without_idioms(folded: str) -> str:
    """`folded`, as long as before, with these phrases blanked."""
    return blank(folded, [match.span() for match in _IDIOMS.finditer(folded)])
