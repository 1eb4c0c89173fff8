"""The readings that bind nobody: deliveries, money questions, calls for a person, status, courtesy.

They are tried in the order of what commits the company most, after nothing binding was found.
"""

import re

from domain.understanding import Intent, Understanding
from graphs.reading.offline.binding import target
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.days import DeliveryDay
from graphs.reading.offline.goods import mentions
from graphs.reading.offline.offers import Offer
from graphs.reading.offline.outcome import only, unclear
from graphs.reading.offline.plain import is_only_courtesy
from graphs.reading.offline.proposals import Proposal
from graphs.reading.offline.text import Clause, tokens
from graphs.reading.offline.words.accepting import ACCEPT, ORDER_NOUN
from graphs.reading.offline.words.asking import ASKING, BILLING, BILLING_PERSON, STATUS, STATUS_PLAIN
from graphs.reading.offline.words.delivering import DELAY, DELIVERY

#: Papers and money arrive too, and are no delivery.
_PAPER_ARRIVES = re.compile(
    r"lleg\w+ (?:\w+ )?(?:la|el|mi|su|una|nuestra|tu|las|los|sus)? ?(?:orden(?! de \w+ (?:hoy|manana))|oc|"
    r"factura|pago|correo|mail|confirmacion|transferencia|respuesta|plata|deposito|comprobante|firma|adjunto|"
    r"archivo|pdf|documento|excel|link|planilla)\w*|(?:orden|factura|oc) (?:\w+ )?(?:no )?(?:me |nos )?lleg\w+"
)


def not_binding(burst: Burst, day: DeliveryDay, offer: Offer, proposal: Proposal | None) -> Understanding:
    """The intents that bind nobody, by what commits most."""
    alarms = burst.alarms
    plain = _PAPER_ARRIVES.sub(" ", burst.plain)
    if alarms.threat or alarms.complaint:
        return _talk(burst, proposal, alarms.threat or alarms.complaint)
    statements = [s for s in burst.sentences if not s.is_question and DELIVERY.search(_PAPER_ARRIVES.sub(" ", s.folded))]
    if day.day and burst.context.open_order and not statements and not any(s.is_question for s in burst.sentences):
        statements = [s for s in burst.sentences if burst.dates_in(s.folded)]
    billing = bool(BILLING.search(burst.plain))
    if alarms.bank_change:
        return _billing(burst, proposal)
    if alarms.person and not statements:
        return _talk(burst, proposal, alarms.person)
    if statements and not (billing and not (DELAY.search(plain) or day.day)):
        if offer.lines or offer.doubtful:
            return unclear("A delivery beside prices.")
        ref = target(burst, statements)
        if day.doubtful:
            return unclear("More than one day of delivery.")
        return Understanding(
            intent=Intent.DELIVERY_UPDATE,
            order_ref=ref,
            delivery_date=day.day,
            needs_human=alarms.stranded is not None or alarms.person is not None,
            reason=alarms.stranded or alarms.person,
        )
    if alarms.stranded:
        return Understanding(
            intent=Intent.DELIVERY_UPDATE, order_ref=target(burst, []), needs_human=True, reason=alarms.stranded
        )
    if billing and any(_accepts_and_pays(s) for s in burst.sentences):
        return unclear("Acceptance and money in one sentence.")
    if billing:
        return _billing(burst, proposal)
    asks = any(s.is_question for s in burst.sentences) or bool(ASKING.search(burst.plain))
    if (STATUS_PLAIN.search(burst.plain) or (STATUS.search(burst.plain) and asks)) and not offer.lines:
        return _status(burst)
    if is_only_courtesy(burst.plain):
        return _courtesy(burst)
    return unclear("The rules cannot tell what is meant.")


def _accepts_and_pays(sentence: Clause) -> bool:
    return bool(ACCEPT.search(sentence.folded) and BILLING.search(sentence.folded))


def _talk(burst: Burst, proposal: Proposal | None, reason: str | None) -> Understanding:
    ref = only(burst.named_refs) or _spoken_of(burst, proposal)
    return Understanding(intent=Intent.TALK_TO_HUMAN, order_ref=ref, needs_human=True, reason=reason)


def _spoken_of(burst: Burst, proposal: Proposal | None) -> str | None:
    """The open order where its goods are named, or a "this" takes up our question about it."""
    order = burst.context.open_order
    if order is None:
        return None
    if any(mention for mention in mentions(burst.folded, order.lines)) or ORDER_NOUN.search(burst.plain):
        return order.ref
    takes_up = re.search(r"(?<![a-z])(?:this|it|esto|isso|isto)(?![a-z])", burst.plain)
    return order.ref if takes_up and proposal is not None and proposal.ref == order.ref else None


def _billing(burst: Burst, proposal: Proposal | None) -> Understanding:
    person = burst.alarms.bank_change or (
        "A matter of money that a person settles." if BILLING_PERSON.search(burst.plain) else None
    )
    ref = only(burst.named_refs)
    if ref is None and (ORDER_NOUN.search(burst.plain)):
        ref = burst.open_ref
    return Understanding(intent=Intent.BILLING_QUESTION, order_ref=ref, needs_human=person is not None, reason=person)


def _status(burst: Burst) -> Understanding:
    asked = [s for s in burst.sentences if s.is_question or STATUS.search(s.folded)]
    return Understanding(intent=Intent.ORDER_STATUS, order_ref=target(burst, asked))


def _courtesy(burst: Burst) -> Understanding:
    """Greetings and thanks; but a yes or an ok to an open question of ours is more than courtesy."""
    words = [word for word in tokens(burst.plain) if word in ("si", "yes", "sim", "no", "nao")]
    if words and len(tokens(burst.plain)) <= 3:
        return unclear("A yes or no, and no question of ours that it answers.")
    return Understanding(intent=Intent.SMALLTALK)
