"""What would bind the company: a confirmation, a cancellation, a change of an order.

Each rule answers with a reading only where nothing in the burst speaks against it; `Doubt` says that something binding may
be meant and cannot be told for certain, so that no later rule reads the burst as harmless.
"""

import re

from domain.understanding import Intent, OfferedLine, OpenOrderFacts, Understanding
from domain.value import Value
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.changes import Changes
from graphs.reading.offline.days import DeliveryDay
from graphs.reading.offline.goods import mentions, product_stems, stem
from graphs.reading.offline.money import prices
from graphs.reading.offline.papers import without_papers
from graphs.reading.offline.plain import names_after_greeting, unknown_words
from graphs.reading.offline.proposals import Proposal, ProposalKind
from graphs.reading.offline.quantities import quantities
from graphs.reading.offline.references import references
from graphs.reading.offline.stance import Stance, was_past
from graphs.reading.offline.text import Clause, blank, tokens
from graphs.reading.offline.words.accepting import ACCEPT, ORDER_NOUN, WEAK_ACCEPT
from graphs.reading.offline.words.asking import BILLING
from graphs.reading.offline.words.changing import CHANGE, DEMAND, THE_REST
from graphs.reading.offline.words.delivering import ARRIVAL, AS_AGREED, DELIVERY, DISPATCHED
from graphs.reading.offline.words.holding import HEARSAY
from graphs.reading.offline.words.refusing import FINAL, REFUSE

_OPEN_STATES = frozenset({"draft", "sent"})
_PRICE_ROSE = re.compile(r"went up|gone up|increase|rose|higher|subi(?:o|eron|u)|aument|alza|sube|mas car|encarec|subida")
_NOT_THE_WHOLE = re.compile(
    r"precio|price|preco|plazo|fecha|condicion|cantidad|valor|terms|quantity|date|date|parte|viernes|lunes|martes|antes"
)
_ALREADY_NO = re.compile(r"^(?:no|nao|unable|not|can't|cannot|cant|can not|won't|will not)(?![a-z])")
_COUNTERS = re.compile(
    r"(?:\bno\b|\bnot\b|n't\b|\bnao\b|\bnunca\b|\bni\b|\bsin\b|\bwithout\b|\bsem\b|\bevit\w+)(?:\s+[a-z]+){0,3}\s*$"
)
_IF_NEAR = re.compile(r"(?:^|[\s,])(?:si|if|se|unless|caso|hasta que|until|ate que|a menos que)\s")


class Doubt(Value):
    """Something binding may be meant: `reason` says what could not be told."""

    reason: str


def target(burst: Burst, sentences: list[Clause]) -> str | None:
    """The order a binding sentence is about: the one it names, else the one the burst names, else the open one."""
    near = {reference.ref for sentence in sentences for reference in references(sentence.folded, open_ref=burst.open_ref)}
    if len(near) == 1:
        return near.pop()
    if len(near) > 1:
        return None
    if len(burst.named_refs) == 1:
        return burst.named_refs[0]
    return None if burst.named_refs else burst.open_ref


def cancellation(burst: Burst, stance: Stance, changes: Changes, day: DeliveryDay) -> Understanding | Doubt | None:
    """They decline or cancel the order, all of it, without a condition."""
    refusing = [sentence for sentence in burst.sentences if _refuses(sentence, burst)]
    final_no = stance.denies and FINAL.search(burst.plain) and not stance.defers
    if not refusing and not final_no:
        return None
    ref = target(burst, refusing)
    if ref is None:
        return Doubt(reason="Which order they cancel cannot be told.") if burst.named_refs else None
    asks = any(sentence.is_question for sentence in burst.sentences)
    if (stance.accepting and not refusing) or changes.lines or changes.doubtful or day.day or stance.says_if or asks:
        return Doubt(reason="A refusal beside something else.")
    if burst.context.open_order and _one_of_many(refusing, burst.context.open_order):
        return Doubt(reason="A refusal of part of the order.")
    state = burst.context.open_order.state if burst.context.open_order else ""
    return Understanding(
        intent=Intent.CANCEL_ORDER,
        order_ref=ref,
        needs_human=ref != burst.open_ref or state not in _OPEN_STATES,
        reason=_why_person(ref, burst) or ("A confirmed order is cancelled." if state not in _OPEN_STATES else None),
    )


def _refuses(sentence: Clause, burst: Burst) -> bool:
    if sentence.is_question or BILLING.search(sentence.folded) or HEARSAY.search(sentence.folded):
        return False
    unnamed = without_refs(sentence.folded, burst)
    for match in REFUSE.finditer(sentence.folded):
        said = match.group()
        whole = unnamed[match.end() :]
        if _ALREADY_NO.match(said):
            part = re.split(r"[,.;]", whole)[0]
            if _NOT_THE_WHOLE.search(part) or burst.dates_in(part) or re.search(r"\d", part):
                continue
        elif _COUNTERS.search(sentence.folded[: match.start()]) or was_past(sentence, match):
            continue
        if _IF_NEAR.search(sentence.folded[: match.start()]) or re.match(r"\W*(?:si|if|se|hasta|until|ate)\s", whole):
            continue
        return True
    return False


def without_refs(folded: str, burst: Burst) -> str:
    """`folded` with the orders it names blanked."""
    return blank(folded, [(r.start, r.end) for r in references(folded, open_ref=burst.open_ref)])


def _one_of_many(refusing: list[Clause], order: OpenOrderFacts) -> bool:
    if len(order.lines) < 2:
        return False
    named = {mention.line for sentence in refusing for mention in mentions(sentence.folded, order.lines)}
    return 0 < len(named - {None}) < len(order.lines) and not any(ORDER_NOUN.search(s.folded) for s in refusing)


def change(
    burst: Burst, stance: Stance, changes: Changes, day: DeliveryDay, proposal: Proposal | None
) -> Understanding | Doubt | None:
    """They want the order otherwise: other values, goods or day, or accept it only on a condition."""
    order = burst.context.open_order
    accepts = bool(stance.accepting)
    talks = [s for s in burst.sentences if CHANGE.search(s.folded) or ACCEPT.search(s.folded)] or stance.accepting
    ref = target(burst, talks)
    demands = _demands(burst)
    if ref is None:
        return Doubt(reason="A change, and no order to be told.") if changes.lines and burst.named_refs else None
    if changes.doubtful and (accepts or changes.lines):
        return Doubt(reason="A change that cannot be told for certain.")
    if order is not None and ref == order.ref and all(line.unit_price == 0 for line in order.lines) and changes.lines:
        return None
    moved = _moved(day, order, ref)
    about_order = (
        accepts
        or stance.denies
        or stance.conditions
        or bool(CHANGE.search(burst.plain))
        or bool(burst.named_refs)
        or bool(THE_REST.search(burst.plain))
    )
    asks = any(sentence.is_question and not BILLING.search(sentence.folded) for sentence in burst.sentences)
    answers = proposal is not None and proposal.kind in (ProposalKind.CONFIRM, ProposalKind.CHANGE, ProposalKind.DELIVERY)
    if changes.lines and day.doubtful:
        return Doubt(reason="A change beside more than one day.")
    if changes.lines and (about_order or answers):
        if stance.defers and not accepts:
            return Doubt(reason="A change that is not decided yet.")
        return _modify(burst, ref, changes.lines, day if moved or _is_promise(day, order) else DeliveryDay(), demands)
    if moved and day.dispatch_only:
        return Doubt(reason="A day of dispatch, not of delivery.")
    if moved:
        if asks or (stance.defers and not accepts):
            return Doubt(reason="A day that is asked about or not decided.")
        return _modify(burst, ref, (), day, demands and (accepts or stance.denies))
    if stance.denies and demands and re.search(r"hasta|until|mientras|si |if |sin |ate |antes|primero", burst.plain):
        return _modify(burst, ref, (), DeliveryDay(), True)
    if accepts and stance.conditions:
        if demands and not (stance.defers and not stance.says_if):
            return _modify(burst, ref, (), DeliveryDay(), True)
        if stance.hangs_on_others and not asks:
            return _modify(burst, ref, (), DeliveryDay(), False)
        return Doubt(reason="An acceptance with a condition that cannot be told.")
    return None


def _moved(day: DeliveryDay, order: OpenOrderFacts | None, ref: str) -> bool:
    return bool(day.day and order and order.ref == ref and order.delivery_date and day.day != order.delivery_date)


def _is_promise(day: DeliveryDay, order: OpenOrderFacts | None) -> bool:
    return bool(day.day and order)


def _demands(burst: Burst) -> bool:
    return any(DEMAND.search(s.folded) and not _PRICE_ROSE.search(s.folded) for s in burst.sentences)


def _modify(burst: Burst, ref: str, lines: tuple[OfferedLine, ...], day: DeliveryDay, demands: bool) -> Understanding:
    return Understanding(
        intent=Intent.MODIFY_ORDER,
        order_ref=ref,
        lines=lines,
        delivery_date=day.day,
        needs_human=demands or ref != burst.open_ref,
        reason=_why_person(ref, burst) or ("They ask for more than quantity, price, goods or date." if demands else None),
    )


def _why_person(ref: str, burst: Burst) -> str | None:
    return f"{ref} is not the open order." if ref != burst.open_ref else None


def confirmation(burst: Burst, stance: Stance, changes: Changes, day: DeliveryDay) -> Understanding | Doubt | None:
    """They accept the order as it stands: a yes, and nothing in the burst but courtesy and the order's own values."""
    order = burst.context.open_order
    if not stance.accepting:
        return None
    ref = target(burst, stance.accepting)
    if ref is None:
        return Doubt(reason="Which order they accept cannot be told.") if burst.named_refs else None
    strong = any(ACCEPT.search(sentence.folded) for sentence in stance.accepting)
    late = order is not None and ref == order.ref and order.state not in _OPEN_STATES
    if late and (not strong or DISPATCHED.search(burst.plain) or day.day or day.vague):
        # Already confirmed by us: an "ok" is courtesy, and a word of delivery is about the delivery.
        return None
    if order is not None and ref == order.ref and all(line.unit_price == 0 for line in order.lines):
        return Doubt(reason="An acceptance of an order that has no prices.")
    against = _against(burst, stance, changes, day)
    if against:
        return Doubt(reason=against)
    return Understanding(
        intent=Intent.CONFIRM_ORDER,
        order_ref=ref,
        delivery_date=day.day,
        needs_human=ref != burst.open_ref,
        reason=_why_person(ref, burst),
    )


def _against(burst: Burst, stance: Stance, changes: Changes, day: DeliveryDay) -> str | None:
    """What keeps a yes from being a confirmation, or None."""
    order = burst.context.open_order
    if stance.conditions:
        return "An acceptance with a condition."
    if stance.negates or stance.denies:
        return "An acceptance beside a negation."
    if stance.defers or stance.hearsay:
        return "An acceptance that is not given yet, or is another's."
    if changes.lines or changes.doubtful:
        return "An acceptance beside other values."
    if day.vague or day.doubtful or (day.day and (order is None or day.day != order.delivery_date)):
        return "An acceptance beside another date."
    if any(_other_day(s, burst) for s in burst.sentences if not s.is_question and not _other_order(s, burst)):
        return "An acceptance beside another date."
    asking = [s for s in burst.sentences if s.is_question and not BILLING.search(s.folded)]
    if asking:
        return "An acceptance beside a question."
    unknown = _unknown(burst, [s for s in burst.sentences if not s.is_question and not _other_order(s, burst)])
    return f"An acceptance beside words that are not understood: {' '.join(unknown[:5])}." if unknown else None


def _other_day(sentence: Clause, burst: Burst) -> bool:
    """Whether a sentence names any day but the agreed one (a `hoy` that is no delivery aside)."""
    agreed = burst.context.open_order.delivery_date if burst.context.open_order else None
    found = {mention.day for mention in burst.dates_in(sentence.folded)} - {agreed}
    return bool(found) and (found != {burst.today} or bool(ARRIVAL.search(sentence.folded)))


def _other_order(sentence: Clause, burst: Burst) -> bool:
    """Whether a sentence only speaks of another order (`De la OC 30 hablamos otro día`)."""
    named = {reference.ref for reference in references(sentence.folded, open_ref=burst.open_ref)}
    said = ACCEPT.search(sentence.folded) or REFUSE.search(sentence.folded) or CHANGE.search(sentence.folded)
    return (
        bool(named) and burst.open_ref not in named and not said and not re.search(r"tambien|also|misma|same", sentence.folded)
    )


def _unknown(burst: Burst, sentences: list[Clause]) -> list[str]:
    """The words that are neither courtesy, nor acceptance, nor the order's own goods and values."""
    order = burst.context.open_order
    goods = frozenset().union(*(product_stems(line) for line in order.lines)) if order else frozenset()
    numbers = {f"{line.quantity.normalize():f}" for line in order.lines if line.quantity is not None} if order else set()
    unknown: list[str] = []
    for sentence in sentences:
        folded = blank(sentence.folded, names_after_greeting(sentence.text))
        folded = blank(without_refs(folded, burst), [(d.start, d.end) for d in burst.dates_in(folded)])
        folded = without_papers(folded) if not re.search(r"\d+ (?:dias|days)|%", folded) else folded
        spans = [(price.start, price.end) for price in prices(folded, language=burst.language)]
        spans += [(quantity.start, quantity.end) for quantity in quantities(folded, language=burst.language)]
        if burst.dates_in(sentence.folded) or AS_AGREED.search(sentence.folded):
            # The day is the agreed one by now: words of delivery only go with it.
            folded = DELIVERY.sub(_spaces, ARRIVAL.sub(_spaces, AS_AGREED.sub(_spaces, folded)))
        rest = WEAK_ACCEPT.sub(" ", ACCEPT.sub(" ", blank(folded, spans)))
        unknown += [
            word
            for word in unknown_words(rest)
            if stem(word) not in goods and word not in numbers and not _size_of_goods(word, burst)
        ]
    return unknown


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _size_of_goods(word: str, burst: Burst) -> bool:
    order = burst.context.open_order
    return order is not None and any(word in tokens((line.product or "").lower()) for line in order.lines)
