"""The delivery day of a burst: which of the days it names is a promise or a wish about when goods arrive.

Days of validity, payment, or a look at the order are no delivery; nor is a day that is denied (`no el viernes`) or that a
condition hangs on. Two different delivery days are no day at all.
"""

import re
from datetime import date

from domain.value import Value
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.text import Clause, tokens
from graphs.reading.offline.words.delivering import ARRIVAL, DISPATCHED, NOT_ARRIVAL
from graphs.reading.offline.words.holding import NEGATION, NEGATION_PT

_UNTIL = re.compile(r"(?:hasta|until|before|antes|sino|ate|pero|but|recien|solo|only|so|para)\s*(?:el |la |the |o |dia )*$")
_REPLACED = re.compile(
    r"(?:en (?:vez|lugar) del?|instead of|rather than|em vez d[eo]|no lugar d[eo]|y no|not)\s*(?:el |the |o |on )?$"
)
#: `la entrega del jueves se corre al lunes`: the first day is the old one.
_OLD = re.compile(r"(?:entrega|despacho|fecha|delivery|orden|pedido|llegada)\s+(?:del?|of|do|from|on)\s*(?:el |dia )?$")
#: A day right after one of these is when they will decide, not when goods arrive.
_DECIDES = re.compile(
    r"(?<![a-z])(?:confirm|acept|aceito|avis|revis|respond|contest|consult|pregunt|llam|ver|vemos|accept|check|"
    r"reply)[a-z]*(?:\s+(?:el|este|la|lo|a|na|o|on|by|esta|te|les?))*\s*$"
)
_IF = re.compile(r"(?<!eso)(?<!ahora)(?:^|[\s,(])(?:si(?!\s*(?:,|po|dios))|if|se es que|caso|siempre que|cuando)\s")


class DeliveryDay(Value):
    """`day` is the one day promised or asked for. `vague`: a range or a time without a day. `doubtful`: several days."""

    day: date | None = None
    vague: bool = False
    doubtful: bool = False
    dispatch_only: bool = False


def delivery_day(burst: Burst, *, answers_date: bool = False) -> DeliveryDay:
    """Find it. `answers_date`: our last message asked about delivery, so a bare day answers that."""
    told: list[date] = []
    vague = False
    dispatched = False
    sentences = list(burst.sentences)
    near_arrival = False
    for sentence in sentences:
        for part in _subclauses(sentence):
            for mention in burst.dates_in(part.folded):
                before = part.folded[: mention.start]
                rest = before + part.folded[mention.end :]
                arrival = bool(ARRIVAL.search(rest))
                bare = len(tokens(rest)) <= 4 and not NOT_ARRIVAL.search(rest)
                in_context = arrival or (bare and (answers_date or near_arrival or bool(ARRIVAL.search(sentence.folded))))
                if not in_context or (NOT_ARRIVAL.search(rest) and not _arrival_nearer(rest, len(before))):
                    continue
                if _denied(before, part.folded[mention.end :], burst) or _IF.search(before) or _DECIDES.search(before):
                    continue
                if mention.day is None:
                    vague = True
                elif DISPATCHED.search(rest) and not re.search(r"lleg|entreg|arriv|deliver|cheg", rest):
                    dispatched = True
                elif mention.day >= burst.today:
                    told.append(mention.day)
        near_arrival = bool(ARRIVAL.search(sentence.folded))
    days = sorted(set(told))
    return DeliveryDay(
        day=days[0] if len(days) == 1 else None,
        vague=vague and not days,
        doubtful=len(days) > 1,
        dispatch_only=dispatched and not days,
    )


def _subclauses(sentence: Clause) -> list[Clause]:
    """The sentence cut at commas and contrasts, but not within a date such as `jueves, 3 de diciembre`."""
    parts: list[Clause] = []
    begin = 0
    for match in re.finditer(
        r",(?!\d)|;|\s(?=(?:pero|but|sino|porem|aunque)\s)|\smas\s(?=(?:so|nao|entrego|vou|a)\s)", sentence.folded
    ):
        if re.match(r",?\s*(?:el |dia |the )?\d{1,2}(?!\d)", sentence.folded[match.start() :]) and re.search(
            r"(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo|day|feira)\s*$", sentence.folded[: match.start()]
        ):
            continue
        parts.append(Clause(text=sentence.text[begin : match.start()], folded=sentence.folded[begin : match.start()]))
        begin = match.start()
    parts.append(Clause(text=sentence.text[begin:], folded=sentence.folded[begin:]))
    return parts


def _arrival_nearer(rest: str, at: int) -> bool:
    """Whether a word of arrival stands nearer to the day than any word against it."""

    def distance(pattern: re.Pattern[str]) -> int:
        return min((min(abs(m.end() - at), abs(m.start() - at)) for m in pattern.finditer(rest)), default=10**6)

    return distance(ARRIVAL) < distance(NOT_ARRIVAL)


def _denied(before: str, after: str, burst: Burst) -> bool:
    negation = NEGATION_PT if burst.language == "pt" else NEGATION
    if _REPLACED.search(before) or re.match(r"\s+(?:no|nao|not)(?![a-z])", after):
        return True
    if _OLD.search(before) and burst.dates_in(after):
        return True
    return bool(negation.search(before)) and not _UNTIL.search(before)
