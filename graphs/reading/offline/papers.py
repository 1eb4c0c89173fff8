"""Numbers that are neither quantity nor price: times of day, percentages, papers, phones, identity numbers, sizes of time.

They are blanked before quantities and prices are looked for, so that `factura 4521` is never 4521 of anything.
"""

import re

from graphs.reading.offline.text import blank

_NOISE = re.compile(
    r"(?:a las|tipo|a eso de(?: las)?|desde las|hasta las|entre las|sobre las|como a las|as|at|around|"
    r"las) \d{1,2}(?:[:.]\d{2})?(?:\s?(?:hrs?|h|am|pm|horas))?(?: (?:y|e|a|-|"
    r"and) (?:las )?\d{1,2}(?:[:.]\d{2})?(?:\s?(?:hrs?|h|am|pm|horas))?)?(?![\d.,]*\d)(?!\s*(?:kg|cajas|sacos|"
    r"unidades|bags|caixas|usd|lucas|pesos))"
    r"|\d{1,2}:\d{2}(?:\s?(?:hrs?|h|am|pm))?|\d{1,2}\s?(?:am|pm)(?![a-z])|\d{1,2}\s?(?:hrs?|h)(?![a-z])"
    r"|\d+(?:[.,]\d+)?\s?(?:%|por ?ciento|percent|por cento)"
    r"|(?:factura|fact\.?|boleta|guia(?: de despacho)?|invoice|nota(?: fiscal)?|nf-?e?|nota de credito|nc|"
    r"cotizacion|quotation|quote|ticket|folio|cuenta(?: corriente)?|"
    r"ruta|lote|lot|batch|anden|camion|patente|local|piso|of\.|oficina|depto|campo|proposta|contrato|contract|"
    r"awb|bl|tracking)\s*(?:n\s?[°.o]{{1,2}}|nro\.?|no\.?|num\.?|numero|number|#|"
    r":)?\s*[a-z]{{0,3}}-?\d[\d.-]*(?!\d)(?!\s*{COUNTABLE})"
    r"|\+\d[\d ]{6,16}\d|\d{1,2}\.\d{3}\.\d{3}-[\dk]|(?<!\d)\d{7,}(?!\d)"
    r"|\d+\s*(?:a \d+\s*|- ?\d+\s*|o \d+\s*)?(?:dias|dia|days?|hrs|horas?|hours?|semanas?|weeks?|meses|months?|"
    r"anos|years?|minutos|min)(?![a-z])(?: habiles| uteis| corridos)?"
)


def without_papers(folded: str) -> str:
    """`folded`, as long as before, with these numbers blanked."""
    return blank(folded, [match.span() for match in _NOISE.finditer(folded)])
