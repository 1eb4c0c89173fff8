"""Odoo's records as our values: transcripts of a real Odoo 19, and the folding of states case by case."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.orders import OrderState
from tests.unit.tools.odoo.stub_odoo import transcript
from tools.odoo.mapping import LineProgress, decimal, fold_state, local_date, to_order

SANTIAGO = ZoneInfo("America/Santiago")


def test_a_draft_as_odoo_showed_it() -> None:
    [record] = transcript("020_rfq_read")["result"]
    [line] = transcript("021_line_read")["result"]
    products = {54: {"id": 54, "display_name": "Tornillo M8", "default_code": "TOR-M8"}}
    order = to_order(record, [{**line, "unit": line["product_uom_id"]}], products, partner_id=45, zone=SANTIAGO)
    assert order.to_json() == {
        "order_id": 12,
        "name": "P00012",
        "partner_id": 45,
        "state": "draft",
        "currency": "USD",
        "amount_untaxed": "12.5",
        "amount_total": "14.38",
        "lines": [
            {
                "line_id": 24,
                "product_id": 54,
                "product": "Tornillo M8",
                "sku": "TOR-M8",
                "quantity": "10",
                "unit": "Units",
                "unit_price": "1.25",
                "received": "0",
                "billed": "0",
            }
        ],
        "planned_date": "2026-11-25",
    }


@pytest.mark.parametrize(
    ("progress", "state"),
    [("063_line_after_partial", OrderState.CONFIRMED), ("073_line_after_full", OrderState.RECEIVED)],
)
def test_receipts_as_odoo_showed_them(progress: str, state: OrderState) -> None:
    [record] = transcript("072_po_after_full")["result"]
    [line] = transcript("021_line_read")["result"]
    [changed] = transcript(progress)["result"]
    shown = {**line, **changed, "unit": line["product_uom_id"]}
    assert record["receipt_status"] == "full", "which alone would call the partial receipt received, too"
    assert to_order(record, [shown], {}, partner_id=45, zone=SANTIAGO).state is state


def test_lines_without_a_product_are_left_out() -> None:
    [record] = transcript("020_rfq_read")["result"]
    note = {"id": 25, "product_id": False}
    assert to_order(record, [note], {}, partner_id=45, zone=SANTIAGO).lines == ()


def goods(quantity: int, received: int, billed: int = 0) -> LineProgress:
    return LineProgress(Decimal(quantity), Decimal(received), Decimal(billed))


def service(quantity: int, received: int, billed: int = 0) -> LineProgress:
    return LineProgress(Decimal(quantity), Decimal(received), Decimal(billed), by_hand=True)


@pytest.mark.parametrize(
    ("odoo", "lines", "invoiced", "state"),
    [
        ("draft", [goods(5, 0)], False, OrderState.DRAFT),
        ("sent", [goods(5, 0)], False, OrderState.SENT),
        ("to approve", [goods(5, 0)], False, OrderState.TO_APPROVE),
        ("cancel", [goods(5, 5, 5)], True, OrderState.CANCELLED),
        ("purchase", [goods(5, 0)], False, OrderState.CONFIRMED),
        ("purchase", [goods(5, 2)], False, OrderState.CONFIRMED),
        ("purchase", [goods(5, 2, 2)], True, OrderState.CONFIRMED),
        ("purchase", [goods(5, 5), goods(1, 0)], False, OrderState.CONFIRMED),
        ("purchase", [goods(5, 5), goods(0, 0)], False, OrderState.RECEIVED),
        ("purchase", [goods(5, 8)], False, OrderState.RECEIVED),
        ("done", [goods(5, 5)], False, OrderState.RECEIVED),
        ("purchase", [goods(5, 5, 5)], False, OrderState.RECEIVED),
        ("purchase", [goods(5, 5, 5)], True, OrderState.BILLED),
        ("purchase", [service(2, 0, 2)], True, OrderState.BILLED),
        ("purchase", [service(2, 0, 2), goods(5, 0, 0)], True, OrderState.CONFIRMED),
        ("purchase", [service(2, 0, 2), goods(5, 5, 5)], True, OrderState.BILLED),
        ("purchase", [goods(5, 0, 5)], True, OrderState.CONFIRMED),
        ("purchase", [], False, OrderState.CONFIRMED),
        ("purchase", [goods(0, 0)], True, OrderState.CONFIRMED),
    ],
)
def test_states_are_folded(odoo: str, lines: list[LineProgress], invoiced: bool, state: OrderState) -> None:
    assert fold_state(odoo, lines, invoiced=invoiced) is state


def test_an_unknown_state_is_no_guess() -> None:
    with pytest.raises(KeyError):
        fold_state("nonsense", [], invoiced=False)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1, "0.1"), (0.1 + 0.2, "0.3"), (100.0, "100"), (1.23456, "1.23456"), (0.0, "0"), (1e7, "10000000"), (-2.5, "-2.5")],
)
def test_floats_become_what_was_meant(number: float, text: str) -> None:
    assert str(decimal(number)) == text


def test_a_day_is_the_day_over_there() -> None:
    assert local_date("2026-12-25 01:30:00", SANTIAGO) == date(2026, 12, 24)
    assert local_date(False, SANTIAGO) is None
