"""What code verifies of a model's reading before anyone acts on it.

A value that stands nowhere in the supplier's words (nor, for a bare yes, in our question), an order that nobody named, a
confirmation beside a condition or a denial: each takes a person. The checks only ever add `needs_human`; they never make a
reading more binding than it was.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from domain.understanding import Intent, OfferedLine, ReadingContext, Understanding
from graphs.reading.offline.burst import Burst, prepare
from graphs.reading.offline.dates import dates
from graphs.reading.offline.language import language_of
from graphs.reading.offline.numbers import DIGITS, parse_number, spell_out
from graphs.reading.offline.proposals import proposal_of
from graphs.reading.offline.references import references
from graphs.reading.offline.stance import Stance
from graphs.reading.offline.text import fold, tokens

_WITH_LINES = frozenset({Intent.NEW_QUOTE, Intent.MODIFY_ORDER})
_OF_THE_OPEN_ORDER = frozenset({Intent.CONFIRM_ORDER, Intent.MODIFY_ORDER, Intent.CANCEL_ORDER})
_THOUSANDS = re.compile(r"\s*(?:lucas?|luquitas|k(?![a-z])|mil(?![a-z]))(?P<half>\s+y\s+media)?")


def checked(reading: Understanding, messages: Sequence[str], context: ReadingContext) -> Understanding:
    """`reading`, with `needs_human` and the reason where a check fails. Pure."""
    burst = prepare(messages, context)
    faults = [fault for fault in _faults(reading, burst, messages, context) if fault]
    alarm = burst.alarms.reason
    reading = reading.model_copy(
        update={"language": burst.language, "lines": reading.lines if reading.intent in _WITH_LINES else ()}
    )
    if not faults and not alarm:
        return reading
    reasons = "; ".join(dict.fromkeys([*([alarm] if alarm else []), *faults]))
    return reading.model_copy(update={"needs_human": True, "reason": reasons})


def _faults(reading: Understanding, burst: Burst, messages: Sequence[str], context: ReadingContext) -> list[str | None]:
    words = burst.own or "\n".join(messages)
    proposal = proposal_of(context)
    stance = Stance(burst=burst, proposal=proposal)
    said = f"{words}\n{context.last_agent_message or ''}" if stance.is_bare_yes else words
    return [
        _reference_fault(reading, messages, context),
        _date_fault(reading, said, context),
        *(_line_fault(line, said) for line in reading.lines),
        _confirmation_fault(reading, stance),
        _cancellation_fault(reading, burst, context),
    ]


def _reference_fault(reading: Understanding, messages: Sequence[str], context: ReadingContext) -> str | None:
    ref = reading.order_ref
    if ref is None or (context.open_order is not None and ref == context.open_order.ref):
        return None
    named = {reference.ref for reference in references(fold("\n".join(messages)), open_ref=ref)}
    if ref not in named:
        return f"Order {ref} stands nowhere in the message."
    # Asking about another order is fine; binding it is not.
    return f"Order {ref} is not the open one." if reading.intent in _OF_THE_OPEN_ORDER else None


def _date_fault(reading: Understanding, said: str, context: ReadingContext) -> str | None:
    if reading.delivery_date is None:
        return None
    told = dates(fold(said), today=context.today, language=language_of(said))
    if any(mention.day == reading.delivery_date for mention in told):
        return None
    return f"The date {reading.delivery_date} stands nowhere in the message."


def _line_fault(line: OfferedLine, said: str) -> str | None:
    told = numbers_in(said)
    for number in (line.quantity, line.unit_price):
        if number is None or number == 0 or number in told:
            continue
        if number == line.unit_price and line.quantity and number * line.quantity in told:
            continue
        return f"The number {number} stands nowhere in the message."
    folded = set(tokens(fold(said)))
    missing = [word for word in tokens(fold(line.product or "")) if word not in folded and word not in fold(said)]
    return f"The goods '{line.product}' stand nowhere in the message." if missing else None


def numbers_in(text: str) -> set[Decimal]:
    """Every value that a number in `text` may stand for: either separator's meaning, words, `lucas` and `mil`."""
    found: set[Decimal] = set()
    for language in ("es", "en", "pt"):
        written, _ = spell_out(text, language=language)
        folded = fold(written)
        for match in re.finditer(DIGITS, folded):
            for whole in (False, True):
                value = parse_number(match.group(), language=language, whole_money=whole)
                if value is None:
                    continue
                found.add(value)
                if thousands := _THOUSANDS.match(folded, match.end()):
                    found.add(value * 1000 + (500 if thousands["half"] else 0))
    return found


def _confirmation_fault(reading: Understanding, stance: Stance) -> str | None:
    if reading.intent is not Intent.CONFIRM_ORDER:
        return None
    if stance.conditions or stance.denies or stance.defers or stance.negates:
        return "A condition, a denial or a delay stands beside the confirmation."
    return None


def _cancellation_fault(reading: Understanding, burst: Burst, context: ReadingContext) -> str | None:
    if reading.intent is not Intent.CANCEL_ORDER:
        return None
    state = context.open_order.state if context.open_order else ""
    return None if state in ("draft", "sent") else "An order that is confirmed, or not open, is cancelled."
