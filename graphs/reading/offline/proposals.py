"""What our last message proposed: a bare "sí" takes its values, and only where it asked one concrete thing."""

import re
from datetime import date
from enum import StrEnum

from domain.understanding import OfferedLine, ReadingContext
from domain.value import Value
from graphs.reading.offline.dates import dates
from graphs.reading.offline.language import language_of
from graphs.reading.offline.money import prices
from graphs.reading.offline.papers import without_papers
from graphs.reading.offline.quantities import quantities
from graphs.reading.offline.references import references
from graphs.reading.offline.text import any_of, blank, clauses, fold

_CONFIRM = any_of(
    r"confirm\w*", r"acept\w*", r"aceit\w*", r"accept\w*", "de acuerdo", "tal como", "conformes?",
    "(?:toma|tomas|toman) la orden", "podem? confirmar", "agree",
)  # fmt: skip
_CHANGE = any_of(
    r"cambi\w+", r"modific\w+", "dejamos", "dejemos", r"ajust\w+", "baj(?:amos|emos|ar)", "sub(?:imos|amos|ir)",
    r"reduc\w+", r"aument\w+", "movemos", "mover", "corremos", "correr", "postergamos", "change", "move", "reduce",
    "increase", "make it", "mudamos", "mudar", "alteramos", "alterar", "passamos",
)  # fmt: skip
_KEEP = any_of(r"mant(?:ener|iene|ienen|enemos|enga|em|er)\w*", r"respet\w+", "keep", "maintain", "hold")
_DELIVERY = any_of(r"lleg\w+", r"entreg\w+", r"despach\w+", r"deliver\w*", r"arriv\w*", r"cheg\w+", r"ship\w*")
_PERSON = any_of("persona", r"llam\w+", r"contact\w+", "person", "call", "pessoa", "ligue", r"comprador\w*", r"ejecutiv\w+")
_BILLING = any_of("pago", "factura", "invoice", "payment", "pagamento", "fatura", "nota", "boleta")
_CANCEL = any_of(r"anul\w+", r"cancel\w+", r"busc\w+ otr\w+", "baja")
_STATUS = any_of("consulta", "estado", "status", "aprobacion")
_CHOICE = re.compile(r"\s(?:o|ou|or|u)\s(?!(?:pedido|p\d|dia|preco|valor|prazo|envio|nosso|orcamento)(?![a-z]))")
_FROM_TO = re.compile(r"(?:de|from)\s+(?P<old>\d[\d.,]*)\s*(?P<unit>[a-z]+)?\s+(?:a|to|para)\s+(?=\d)")


class ProposalKind(StrEnum):
    """What a yes would agree to."""

    CONFIRM = "confirm"
    CHANGE = "change"
    DELIVERY = "delivery"
    PERSON = "person"
    BILLING = "billing"
    CANCEL = "cancel"
    CHOICE = "choice"
    OTHER = "other"


class Proposal(Value):
    """The question that our last message ended with, and the values in it."""

    kind: ProposalKind
    ref: str | None = None
    lines: tuple[OfferedLine, ...] = ()
    day: date | None = None


def proposal_of(context: ReadingContext) -> Proposal | None:
    """What the last thing we said asks for, or None where it asks nothing."""
    text = context.last_agent_message or ""
    questions = [clause for clause in clauses(text) if "?" in clause.text]
    asks = questions or [
        c for c in clauses(text) if re.search(r"(?:favor|please|por favor|agradeceremos) (?:\w+ )?confirm", c.folded)
    ]
    if not asks:
        return None
    folded = " ".join(clause.folded for clause in asks)
    language = language_of(text)
    named = references(fold(text))
    spans = [(reference.start, reference.end) for reference in references(folded)]
    days = dates(folded, today=context.today, language=language)
    rest = without_papers(blank(folded, [*spans, *((day.start, day.end) for day in days)]))
    rest = blank(rest, [match.span() for match in _FROM_TO.finditer(rest)])
    priced = prices(rest, language=language)
    counted = quantities(blank(rest, [(price.start, price.end) for price in priced]), language=language)
    lines: list[OfferedLine] = []
    if len(counted) == 1 or len(priced) == 1:
        lines.append(
            OfferedLine(
                quantity=counted[0].amount if len(counted) == 1 else None,
                unit=counted[0].unit if len(counted) == 1 else priced[0].unit,
                unit_price=priced[0].amount if len(priced) == 1 else None,
                currency=priced[0].currency if len(priced) == 1 else None,
            )
        )
    kind = _kind(folded, many=len(questions) > 1, values=len(counted) + len(priced))
    refs = {reference.ref for reference in named}
    days_told = {day.day for day in days if day.day}
    return Proposal(
        kind=kind,
        ref=refs.pop() if len(refs) == 1 else None,
        lines=tuple(lines),
        day=days_told.pop() if len(days_told) == 1 else None,
    )


def _kind(folded: str, *, many: bool, values: int) -> ProposalKind:
    if _CHOICE.search(re.sub(r"si o no|yes or no|sim ou nao", " ", folded)):
        return ProposalKind.CHOICE
    found = [
        kind
        for kind, pattern in (
            (ProposalKind.CANCEL, _CANCEL),
            (ProposalKind.PERSON, _PERSON),
            (ProposalKind.CHANGE, _CHANGE),
            (ProposalKind.CONFIRM, _CONFIRM),
            (ProposalKind.BILLING, _BILLING),
            (ProposalKind.DELIVERY, _DELIVERY),
            (ProposalKind.OTHER, _KEEP),
            (ProposalKind.OTHER, _STATUS),
        )
        if pattern.search(folded)
    ]
    if found == [ProposalKind.CONFIRM, ProposalKind.DELIVERY] and not many:
        return ProposalKind.CONFIRM
    if ProposalKind.CHANGE in found and set(found) <= {ProposalKind.CHANGE, ProposalKind.CONFIRM, ProposalKind.DELIVERY}:
        return ProposalKind.CHANGE
    if ProposalKind.BILLING in found and ProposalKind.CONFIRM not in found:
        return ProposalKind.BILLING
    return found[0] if len(found) == 1 and not (many and values) else ProposalKind.OTHER
