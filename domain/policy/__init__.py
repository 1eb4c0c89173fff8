"""What the agent may do by itself. Pure: facts in, a decision with its reason out; nothing is looked up here.

A judge for each question. Every rule has a name, which is stored with the decision and explained in `docs/policy.md`; the order
of the rules matters: the first that speaks decides. A decision holds the whole case, so that it can be judged again.
"""

from collections.abc import Mapping
from typing import Any

from domain.plan import Decision
from domain.policy.billing import BILLING, BillingCase, judge_billing
from domain.policy.cancellation import CANCELLATION, CancellationCase, judge_cancellation
from domain.policy.change import CHANGE, judge_change
from domain.policy.change_case import AskedChange, ChangeCase, Delivery
from domain.policy.confirmation import CONFIRMATION, ConfirmationCase, judge_confirmation
from domain.policy.dispatch import DISPATCH, DispatchCase, judge_dispatch
from domain.policy.limits import PolicyLimits
from domain.policy.quote import QUOTE, Offer, QuoteCase, judge_quote
from domain.policy.receipt import RECEIPT, Arrived, ReceiptCase, judge_receipt
from domain.policy.rulebook import Case, Rulebook
from domain.policy.start import START, StartCase, Wanted, judge_start

__all__ = [
    "RULEBOOKS",
    "Arrived",
    "AskedChange",
    "BillingCase",
    "CancellationCase",
    "ChangeCase",
    "ConfirmationCase",
    "Delivery",
    "DispatchCase",
    "Offer",
    "PolicyLimits",
    "QuoteCase",
    "ReceiptCase",
    "StartCase",
    "Wanted",
    "judge_again",
    "judge_billing",
    "judge_cancellation",
    "judge_change",
    "judge_confirmation",
    "judge_dispatch",
    "judge_quote",
    "judge_receipt",
    "judge_start",
]

#: The rules of each question, by the kind of its case.
RULEBOOKS: Mapping[type[Case], Rulebook[Any]] = {
    ConfirmationCase: CONFIRMATION,
    QuoteCase: QUOTE,
    ChangeCase: CHANGE,
    CancellationCase: CANCELLATION,
    DispatchCase: DISPATCH,
    BillingCase: BILLING,
    StartCase: START,
    ReceiptCase: RECEIPT,
}


def judge_again(stored: Mapping[str, Any]) -> Decision:
    """The decision on a stored `Decision.case`, by the rules of today. Raises `LookupError` for a kind that no judge knows."""
    for kind, rules in RULEBOOKS.items():
        if kind.__name__ == stored["kind"]:
            return rules.judge(kind.from_json(stored["facts"]), PolicyLimits.from_json(stored["limits"]))
    raise LookupError(f"No judge knows a case of kind {stored['kind']!r}.")
