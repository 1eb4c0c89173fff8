"""Turns of phrase that hold a word of negation or condition and mean neither.

They are blanked (offsets stay) before any rule looks for a `no`, a `sin` or a `si`.
"""

from graphs.reading.offline.text import any_of, blank

_IDIOMS = any_of(
    r"no hay (?:ningun )?(?:drama|problemas?|inconvenientes?|tema|atado|rollo|lio)", r"no (?:tengo|tenemos|veo|vemos) (?:ningun )?(?:problemas?|inconvenientes?|observaciones|reparos|comentarios|objeciones)",
    r"sin (?:ningun[a]? )?(?:problemas?|drama|observacion(?:es)?|cambios?|novedad(?:es)?|comentarios?|inconvenientes?|reparos?|modificacion(?:es)?|ajustes?|objecion(?:es)?|mas|falta|dudas?)",
    r"no mas", r"nomas", r"noma", r"ningun problema", r"ningun inconveniente", r"como no", r"por que no", r"menos mal", r"si o si", r"(?:no|ni) te preocupes", r"no se preocupen?", r"cuanto antes", r"lo antes posible", r"si dios quiere", r"si todo (?:va|sale) bien", r"ni hablar", r"no tan solo", r"por si acaso", r"por las dudas", r"si no es molestia", r"como si nada", r"no es por nada", r"cuando (?:quieran|gusten|puedan)",
    r"no (?:problems?|issues?|worries|objections?|changes|doubt|comments|remarks)(?: at all| from our side| on our side)?", r"without (?:any )?(?:changes?|problems?|issues?|remarks?|reservations?|delay)", r"no problem at all", r"not a problem", r"why not", r"if (?:that's|that is|it's) ok(?:ay)?", r"as (?:soon as|well as) possible", r"if not already",
    r"sem (?:nenhum[a]? )?(?:problemas?|alterac(?:ao|oes)|ressalvas?|mudancas?|observac(?:ao|oes)|falta|duvida)", r"nao (?:tem|ha|vejo|temos|vemos) (?:nenhum[a]? )?(?:problemas?|objecao|objecoes)", r"nao se preocupem?", r"se deus quiser", r"pois nao", r"o quanto antes",
)  # fmt: skip


def without_idioms(folded: str) -> str:
    """`folded`, as long as before, with these phrases blanked."""
    return blank(folded, [match.span() for match in _IDIOMS.finditer(folded)])
