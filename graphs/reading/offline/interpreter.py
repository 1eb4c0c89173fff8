"""The offline interpreter: reads a burst by rules alone, in a few milliseconds, the same every time.

It is the reader where no model is set up, the fallback when the model fails, and the second opinion on what binds. So it is
careful rather than clever: what it cannot tell for certain is `unclear`, and what would bind the company is read only
where nothing in the burst speaks against it.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from domain.understanding import Intent, OpenOrderFacts, ReadingContext, Understanding
from graphs.reading.offline.answers import answered
from graphs.reading.offline.binding import Doubt, cancellation, change, confirmation
from graphs.reading.offline.burst import Burst, prepare
from graphs.reading.offline.changes import Changes, read_changes
from graphs.reading.offline.days import DeliveryDay, delivery_day
from graphs.reading.offline.goods import same_goods
from graphs.reading.offline.harmless import not_binding
from graphs.reading.offline.offers import Offer, read_offer
from graphs.reading.offline.outcome import SURE, UNSURE, only, unclear
from graphs.reading.offline.proposals import Proposal, ProposalKind, proposal_of
from graphs.reading.offline.references import references
from graphs.reading.offline.safety import alarms
from graphs.reading.offline.stance import Stance
from graphs.reading.offline.text import fold, tokens, visible
from graphs.reading.offline.words.accepting import ORDER_NOUN
from graphs.reading.offline.words.asking import BILLING
from graphs.reading.offline.words.changing import OFFER

_BINDING = frozenset({Intent.CONFIRM_ORDER, Intent.MODIFY_ORDER, Intent.CANCEL_ORDER})
_PLACEHOLDER = re.compile(r"^\s*[\[<(]\s*(?P<kind>[a-z]+)[^\])>]{0,40}[\])>]\s*$")
_LETTERS = re.compile(r"[^\W\d_]")
_YES_EMOJI = re.compile(r"[\U0001f44d\U0001f44c\u2705\u2714\U0001f197\U0001f91d]")
_OUT_OF_OFFICE = re.compile(
    r"respuesta automatica|automatic reply|auto-?reply|out of (?:the )?office|fuera de la oficina|"
    r"resposta automatica|fora do escritorio"
)
#: Longer than anything a person writes in one go; the rules would be slow, and a person looks at it anyway.
_LONGEST = 20_000


class OfflineReader:
    """A `Reader` of rules: no network, no model, no state. It never raises on any text."""

    name = "offline"

    async def read(self, messages: Sequence[str], context: ReadingContext) -> Understanding:
        """The reading of this burst; `unclear` where the rules cannot tell."""
        # Babel and dateparser read their tables from files at first use, which must not stop the event loop.
        return await asyncio.to_thread(interpret, messages, context)


def interpret(messages: Sequence[str], context: ReadingContext) -> Understanding:
    """Read a burst. Pure and quick: the same words and context give the same reading."""
    if sum(map(len, messages)) > _LONGEST:
        return Understanding(intent=Intent.UNCLEAR, needs_human=True, reason="Too long to be read by rules.", confidence=0)
    burst = prepare(messages, context)
    proposal = proposal_of(context)
    reading = _decide(burst, proposal)
    return _finished(reading, burst, proposal)


def _decide(burst: Burst, proposal: Proposal | None) -> Understanding:
    symbols = _without_words(burst, proposal)
    if symbols is not None:
        return symbols
    if _OUT_OF_OFFICE.search(fold(f"{burst.subject} {burst.own}")):
        return unclear("An automatic reply.")
    stance = Stance(burst=burst, proposal=proposal)
    grievance = burst.alarms.threat or burst.alarms.complaint or burst.alarms.person
    if stance.is_bare_yes and proposal is not None:
        answer = answered(burst, proposal)
        if answer is not None:
            return answer
    day = delivery_day(burst, answers_date=_speaks_of_delivery(proposal))
    offer = read_offer(burst)
    if grievance or burst.alarms.bank_change:
        rest = _without_alarming(burst)
        committed = _committed(rest, Stance(burst=rest, proposal=proposal), proposal) if rest else None
        if isinstance(committed, Understanding) and committed.intent is not Intent.UNCLEAR:
            return committed
        return not_binding(burst, day, offer, proposal)
    committed = _committed(burst, stance, proposal)
    if committed is not None:
        return committed
    return not_binding(burst, day, offer, proposal)


def _committed(burst: Burst, stance: Stance, proposal: Proposal | None) -> Understanding | None:
    """A quote or something binding; `unclear` where that may be meant and cannot be told; None where nothing is."""
    day = delivery_day(burst, answers_date=_speaks_of_delivery(proposal))
    quote = _quote(burst, stance, read_offer(burst), day, proposal)
    if quote is not None:
        return quote
    bound = _binding(burst, stance, read_changes(burst, _order_for_changes(burst)), day, proposal)
    return unclear(bound.reason) if isinstance(bound, Doubt) else bound


def _without_alarming(burst: Burst) -> Burst | None:
    """The burst without the sentences that call for a person, or None where they say something of a condition.

    "Confirmed. Our bank account has changed" confirms, and a person looks at the account; "I confirm if you pay" does not.
    """
    calm = [s for s in burst.sentences if not alarms("", s.text).reason]
    alarming = [s for s in burst.sentences if s not in calm]
    stance = Stance(burst=replace(burst, own="\n".join(s.text for s in alarming)), proposal=None)
    if not calm or not alarming or stance.conditions or stance.accepting or stance.denies:
        return None
    return replace(burst, own="\n".join(s.text for s in calm), spelled=frozenset())


def _without_words(burst: Burst, proposal: Proposal | None) -> Understanding | None:
    """Bursts of emoji, stickers, recordings or nothing at all."""
    own = burst.own.strip()
    placeholder = _PLACEHOLDER.match(burst.folded)
    if placeholder:
        if placeholder["kind"] in ("sticker", "gif", "emoji", "figurinha", "figurita"):
            return Understanding(intent=Intent.SMALLTALK)
        return unclear("Something that cannot be read as text.")
    if _LETTERS.search(own):
        return None
    if not own or re.fullmatch(r"[\s.,;:!?¿¡\d-]*", own):
        return unclear("No words to act on.")
    if _YES_EMOJI.search(own) and proposal and not re.search(r"[\d?]", own):
        answer = answered(burst, proposal)
        if answer is not None and not re.search("[\U0001f44e\u274c\U0001f914\U0001f615\U0001f62c]", own):
            return answer
    if re.search("[\U0001f44e\u274c\U0001f914\u2753]", own) or re.search(r"[\d?]", own):
        return unclear("A sign that could mean several things.")
    return Understanding(intent=Intent.SMALLTALK)


def _speaks_of_delivery(proposal: Proposal | None) -> bool:
    return proposal is not None and proposal.kind is ProposalKind.DELIVERY


def _order_for_changes(burst: Burst) -> OpenOrderFacts:
    """The open order, or an unknown one where another is named: every value then is a change."""
    order = burst.context.open_order
    if order is not None and (not burst.named_refs or order.ref in burst.named_refs):
        return order
    return OpenOrderFacts(ref=only(burst.named_refs) or "", state="")


def _binding(
    burst: Burst, stance: Stance, changes: Changes, day: DeliveryDay, proposal: Proposal | None
) -> Understanding | Doubt | None:
    cancelled = cancellation(burst, stance, changes, day)
    if cancelled is not None and not (isinstance(cancelled, Doubt) and changes.lines):
        return cancelled
    changed = change(burst, stance, changes, day, proposal)
    if changed is not None:
        return changed
    return confirmation(burst, stance, changes, day)


def _quote(burst: Burst, stance: Stance, offer: Offer, day: DeliveryDay, proposal: Proposal | None) -> Understanding | None:
    """Goods offered at prices: a new quote, unless they are the goods of an order that already has prices."""
    if not offer.lines or stance.denies:
        return None
    order = burst.context.open_order
    ref = only(burst.named_refs)
    if order is not None:
        asked_for_prices = all(line.unit_price == 0 for line in order.lines)
        known = [any(same_goods(line.product or "", own) for own in order.lines) for line in offer.lines]
        if not asked_for_prices and (
            any(known) or ref is not None or stance.accepting or (stance.conditions and not OFFER.search(burst.plain))
        ):
            return None
        if asked_for_prices:
            ref = ref or (order.ref if any(known) or (proposal and proposal.ref == order.ref) else None)
    if offer.doubtful:
        return unclear("A price that cannot be read for certain.")
    if any(sentence.is_question and BILLING.search(sentence.folded) for sentence in burst.sentences):
        return unclear("Prices beside a question of billing.")
    return Understanding(intent=Intent.NEW_QUOTE, order_ref=ref, lines=offer.lines, delivery_date=day.day)


def _finished(reading: Understanding, burst: Burst, proposal: Proposal | None) -> Understanding:
    """Add what holds for every reading: language, alarms, confidence, and the order an unclear one is about."""
    alarm = burst.alarms.reason
    updates: dict[str, object] = {"language": burst.language}
    if alarm:
        updates |= {"needs_human": True, "reason": alarm}
    if reading.intent is Intent.UNCLEAR:
        updates |= {"confidence": UNSURE, "order_ref": _ref_of_unclear(burst, proposal)}
    else:
        updates["confidence"] = SURE
    also = _also(reading, burst)
    return reading.model_copy(update={**updates, "also": also})


def _ref_of_unclear(burst: Burst, proposal: Proposal | None) -> str | None:
    named = burst.named_refs or tuple({r.ref for r in references(fold(visible(burst.raw)), open_ref=burst.open_ref)})
    if named:
        return only(named)
    answers = proposal is not None and proposal.kind is not ProposalKind.OTHER and len(tokens(burst.plain)) > 0
    speaks = ORDER_NOUN.search(burst.plain) or re.search(
        r"(?:confirm|acept|accept|anul|cancel|aceit(?:o|amos|ar))", burst.plain
    )
    return burst.open_ref if speaks or answers else None


def _also(reading: Understanding, burst: Burst) -> tuple[Intent, ...]:
    """Further intents that stand beside the one that commits most."""
    found: list[Intent] = []
    if reading.intent in _BINDING | {Intent.NEW_QUOTE, Intent.DELIVERY_UPDATE}:
        asks = [sentence for sentence in burst.sentences if sentence.is_question]
        if any(BILLING.search(sentence.folded) for sentence in asks):
            found.append(Intent.BILLING_QUESTION)
        if burst.alarms.person:
            found.append(Intent.TALK_TO_HUMAN)
    return tuple(found)
