"""May a receipt be booked as it was reported? People and other agents report receipts; a supplier's words never do.

Goods sold by weight weigh what they weigh: up to `POLICY_RECEIPT_TOLERANCE` of the line more may come. Of what is counted,
not one more. Anything beyond is refused: an over-delivery is accepted by a person, in Odoo.
"""

from decimal import Decimal
from typing import Any

from domain.orders import Order, OrderLine, OrderState
from domain.plan import Decision, Verdict
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Case, Rulebook, Says, refuse
from domain.units import is_measure
from domain.value import Value


class Arrived(Value):
    """How much of a line came now, in the line's unit."""

    line_id: int
    quantity: Decimal


class ReceiptCase(Case):
    """`arrived`: what came; nothing: all that is open."""

    order: Order
    arrived: tuple[Arrived, ...] = ()

    def shown(self, limits: PolicyLimits) -> dict[str, Any]:
        """Which order."""
        return {"order": self.order.name, "state": self.order.state}

    def line(self, line_id: int) -> OrderLine | None:
        """The order's line."""
        return next((line for line in self.order.lines if line.line_id == line_id), None)


def not_confirmed(case: ReceiptCase, limits: PolicyLimits) -> Says | None:
    """The order is not confirmed, or waits for nothing more."""
    if case.order.state is OrderState.CONFIRMED:
        return None
    return Says(f"{case.order.name} is {case.order.state}: nothing is to be received.")


def not_on_order(case: ReceiptCase, limits: PolicyLimits) -> Says | None:
    """A line of another order, or one line twice."""
    ids = [arrived.line_id for arrived in case.arrived]
    if len(set(ids)) == len(ids) and all(case.line(line_id) for line_id in ids):
        return None
    return Says("A line is not this order's, or named twice.", {"lines": ids})


def implausible_quantity(case: ReceiptCase, limits: PolicyLimits) -> Says | None:
    """A quantity that is not above zero."""
    if all(arrived.quantity > 0 for arrived in case.arrived):
        return None
    return Says("A quantity is not positive.")


def over_delivery(case: ReceiptCase, limits: PolicyLimits) -> Says | None:
    """More than was ordered; of goods sold by weight or volume, more than `POLICY_RECEIPT_TOLERANCE` more."""
    for arrived in case.arrived:
        line = case.line(arrived.line_id)
        if line is None:
            continue
        share = limits.receipt_tolerance if is_measure(line.unit) else Decimal(0)
        most = line.quantity * (1 + share)
        if line.received + arrived.quantity > most:
            facts = {"product": line.product, "ordered": str(line.quantity), "most": str(most - line.received)}
            return Says(f"{line.product}: more came than was ordered.", facts)
    return None


RECEIPT: Rulebook[ReceiptCase] = Rulebook(
    rules=(
        refuse(not_confirmed),
        refuse(not_on_order),
        refuse(implausible_quantity),
        refuse(over_delivery),
    ),
    otherwise=Verdict.DO,
    otherwise_rule="as_ordered",
    otherwise_reason="What came was ordered.",
)


def judge_receipt(*, case: ReceiptCase, limits: PolicyLimits) -> Decision:
    """Decide on a report of goods received."""
    return RECEIPT.judge(case, limits)
