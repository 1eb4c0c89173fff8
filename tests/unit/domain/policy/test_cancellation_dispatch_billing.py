"""The judges of refusals, dispatches and bills: one fact is changed, and exactly that rule must speak."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.orders import OrderState
from domain.policy import PolicyLimits, judge_billing, judge_cancellation, judge_dispatch
from domain.understanding import Intent, Understanding
from tests.unit.domain.policy.cases import AGREED, BILLING, CANCELLATION, DISPATCH, FLOUR, OFFERED, TODAY, order


def said(case: Any, **changes: Any) -> Understanding:
    reading: Understanding = case.reading.model_copy(update=changes)
    return reading


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("declined", "do", {}),
        ("declined", "do", {"order": order(state=OrderState.DRAFT)}),
        ("needs_human", "propose", {"reading": said(CANCELLATION, needs_human=True)}),
        ("unknown_supplier", "propose", {"partner_id": None}),
        ("no_open_order", "ask", {"order": None}),
        ("not_their_order", "propose", {"order": order(partner_id=4)}),
        ("other_order", "propose", {"reading": said(CANCELLATION, order_ref="P00006")}),
        ("cancelled_before", "refuse", {"order": order(state=OrderState.CANCELLED)}),
        ("not_sure", "ask", {"reading": said(CANCELLATION, confidence=0.69)}),
        ("also_accepts", "propose", {"reading": said(CANCELLATION, also=(Intent.CONFIRM_ORDER,))}),
        ("also_accepts", "propose", {"reading": said(CANCELLATION, also=(Intent.MODIFY_ORDER,))}),
        ("part_only", "propose", {"reading": said(CANCELLATION, lines=(OFFERED,))}),
        ("order_of_a_person", "propose", {"opened_by_agent": False}),
        ("received_in_part", "propose", {"order": order(lines=(FLOUR.model_copy(update={"received": Decimal(1)}),))}),
        ("received_in_part", "propose", {"order": order(lines=(FLOUR.model_copy(update={"billed": Decimal(1)}),))}),
        ("counted_on", "propose", {"order": order(state=OrderState.TO_APPROVE)}),
        ("counted_on", "propose", {"order": order(state=OrderState.CONFIRMED)}),
        ("counted_on", "propose", {"order": order(state=OrderState.RECEIVED)}),
    ],
)
def test_cancellations(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = judge_cancellation(case=CANCELLATION.model_copy(update=changed), limits=PolicyLimits())
    assert (decision.rule, decision.verdict) == (rule, verdict)


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("dispatch_noted", "do", {}),
        ("dispatch_noted", "do", {"reading": said(DISPATCH, delivery_date=None)}),
        ("dispatch_noted", "do", {"reading": said(DISPATCH, delivery_date=AGREED + timedelta(days=2))}),
        ("dispatch_noted", "do", {"agreed_date": None}),
        ("needs_human", "propose", {"reading": said(DISPATCH, needs_human=True)}),
        ("unknown_supplier", "propose", {"partner_id": None}),
        ("no_open_order", "ask", {"order": None}),
        ("not_their_order", "propose", {"order": order(partner_id=4)}),
        ("other_order", "propose", {"reading": said(DISPATCH, order_ref="P00006")}),
        ("order_cancelled", "propose", {"order": order(state=OrderState.CANCELLED)}),
        ("arrived_before", "refuse", {"order": order(state=OrderState.RECEIVED)}),
        ("arrived_before", "refuse", {"order": order(state=OrderState.BILLED)}),
        ("not_sure", "ask", {"reading": said(DISPATCH, confidence=0.69)}),
        ("not_ordered", "propose", {"order": order(state=OrderState.SENT)}),
        ("not_ordered", "propose", {"order": order(state=OrderState.TO_APPROVE)}),
        ("part_only", "propose", {"reading": said(DISPATCH, lines=(OFFERED,))}),
        ("date_in_past", "propose", {"reading": said(DISPATCH, delivery_date=TODAY - timedelta(days=1))}),
        ("delay", "propose", {"reading": said(DISPATCH, delivery_date=AGREED + timedelta(days=3))}),
        ("closed_that_day", "propose", {"reading": said(DISPATCH, delivery_date=date(2026, 11, 28))}),
    ],
)
def test_dispatches(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = judge_dispatch(case=DISPATCH.model_copy(update=changed), limits=PolicyLimits())
    assert (decision.rule, decision.verdict) == (rule, verdict)


@pytest.mark.parametrize(
    ("rule", "verdict", "changed"),
    [
        ("own_bills", "do", {}),
        ("needs_human", "propose", {"reading": said(BILLING, needs_human=True)}),
        ("unknown_supplier", "propose", {"partner_id": None}),
        ("not_their_order", "propose", {"order": order(partner_id=4)}),
        ("not_sure", "ask", {"reading": said(BILLING, confidence=0.69)}),
    ],
)
def test_bills(rule: str, verdict: str, changed: dict[str, Any]) -> None:
    decision = judge_billing(case=BILLING.model_copy(update=changed), limits=PolicyLimits())
    assert (decision.rule, decision.verdict) == (rule, verdict)


@pytest.mark.parametrize(
    "text",
    [
        "Les informo que cambiamos de banco",
        "NUEVA CUENTA CORRIENTE: 12-345",
        "favor depositar en la cuenta vista 991",
        "estos son los datos bancarios actualizados",
        "pueden pagar a otra cuenta?",
        "Our bank details have changed",
        "please use the new account from now on",
        "IBAN CL12 3456",
        "mudamos nossa conta bancária",
        "segue a chave pix",
        "esta factura va en factoring",
        "hubo cesión de la factura 55",
    ],
)
def test_bank_details_are_a_persons_whatever_the_readers_made_of_it(text: str) -> None:
    case = BILLING.model_copy(update={"texts": ("Hola", text)})
    decision = judge_billing(case=case, limits=PolicyLimits())
    assert (decision.rule, decision.verdict) == ("bank_details", "propose")


@pytest.mark.parametrize(
    "text",
    ["¿Cuándo pagan la factura 1203?", "cuentan con la orden de compra?", "¿en qué quedó la cuenta?", "banco de semillas 5 kg"],
)
def test_plain_questions_about_money_are_answered(text: str) -> None:
    assert judge_billing(case=BILLING.model_copy(update={"texts": (text,)}), limits=PolicyLimits()).rule == "own_bills"
