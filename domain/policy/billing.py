"""May a question about invoices and payments be answered from Odoo?

Bank details are never said or changed by the agent: what speaks of them goes to a person, whatever the readers made of it.
"""

import re

from domain.plan import Decision, Verdict
from domain.policy import words
from domain.policy.facts import OrderCase
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Rulebook, Says, ask, propose
from domain.wording import plain

_BANK = re.compile(
    r"\b(?:iban|swift|cbu|clabe|routing number|cuenta (?:corrient|vista|rut|bancaria|de ahorro)|dato? bancario?|"
    r"(?:nuev|otr|cambi)\w* (?:\w+ ){0,3}(?:cuenta|banco)|(?:cuenta|banco) (?:\w+ ){0,2}(?:nuev|cambi)\w*|"
    r"(?:new|chang\w*|updat\w*|other) (?:\w+ ){0,3}(?:bank|account)|bank (?:account|detail)|"
    r"conta (?:bancaria|corrent)|dado bancario?|chav pix|pix key|factoring|cesion (?:de )?(?:la )?factura)"
)


class BillingCase(OrderCase):
    """`texts`: the messages themselves; they are looked at for bank details only, whatever the readers made of them."""

    texts: tuple[str, ...]


def bank_details(case: BillingCase, limits: PolicyLimits) -> Says | None:
    """The messages speak of bank accounts, or of who is to be paid."""
    if not names_bank_details(case.texts):
        return None
    return Says("Bank details are dealt with by people alone, and by another way than these messages.")


def names_bank_details(texts: tuple[str, ...]) -> bool:
    """Whether messages speak of bank details or another payee."""
    return any(_BANK.search(plain(text)) for text in texts)


BILLING: Rulebook[BillingCase] = Rulebook(
    rules=(
        propose(bank_details),
        propose(words.needs_human),
        propose(words.unknown_supplier),
        propose(words.not_their_order),
        ask(words.not_sure),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="own_bills",
    otherwise_reason="A supplier may ask how its own bills stand.",
)


def judge_billing(*, case: BillingCase, limits: PolicyLimits) -> Decision:
    """Decide on a question about invoices or payments."""
    return BILLING.judge(case, limits)
