"""Odoo's records as our values: transcripts of a real Odoo 19, and the folding of states case by case."""

from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.orders import OrderState
from tests.unit.tools.odoo.stub_odoo import transcript
from tools.odoo.mapping import LineProgress, decimal, fold_state, local_date, noon, to_bill, to_order

SANTIAGO = ZoneInfo("America/Santiago")


def nested(order: str, line: dict[str, Any] | None = None) -> dict[str, Any]:
    """The transcripts' plain reads put together as one nested read gives them."""
    [record] = transcript(order)["result"]
    [of_line] = transcript("021_line_read")["result"]
    return record | {
        "currency_id": {"id": record["currency_id"][0], "name": record["currency_id"][1]},
        "user_id": {"id": 2, "name": "Ana Compras", "email": "ana@buyer.example"},
        "order_line": [
            {
                **of_line,
                "product_id": {"id": 54, "display_name": "Tornillo M8", "default_code": "TOR-M8"},
                "product_uom_id": {"id": 1, "display_name": of_line["product_uom_id"][1]},
                **(line or {}),
            }
        ],
    }


def test_a_draft_as_odoo_showed_it() -> None:
    order = to_order(nested("020_rfq_read"), partner_id=45, zone=SANTIAGO)
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
                "planned_date": "2026-11-25",
                "discount": "0",
            }
        ],
        "planned_date": "2026-11-25",
        "buyer": "Ana Compras",
        "buyer_email": "ana@buyer.example",
        "portal_url": None,
        "confirmed_at": None,
        "locked": False,
    }


@pytest.mark.parametrize(
    ("progress", "state"),
    [("063_line_after_partial", OrderState.CONFIRMED), ("073_line_after_full", OrderState.RECEIVED)],
)
def test_receipts_as_odoo_showed_them(progress: str, state: OrderState) -> None:
    [changed] = transcript(progress)["result"]
    record = nested("072_po_after_full", {name: value for name, value in changed.items() if name.startswith("qty_")})
    assert record["receipt_status"] == "full", "which alone would call the partial receipt received, too"
    order = to_order(record, partner_id=45, zone=SANTIAGO)
    assert order.state is state
    assert order.confirmed_at is not None
    assert order.confirmed_at.tzinfo is UTC


def test_lines_without_a_product_are_left_out() -> None:
    record = nested("020_rfq_read") | {"order_line": [{"id": 25, "product_id": False}]}
    assert to_order(record, partner_id=45, zone=SANTIAGO).lines == ()


def test_the_page_of_an_order_is_told_where_it_can_be_opened() -> None:
    record = nested("020_rfq_read") | {"access_url": "/my/purchase/12", "access_token": "b5536653"}
    shown = to_order(record, partner_id=45, zone=SANTIAGO, portal="https://odoo.buyer.example")
    assert shown.portal_url == "https://odoo.buyer.example/my/purchase/12?access_token=b5536653"
    assert to_order(record, partner_id=45, zone=SANTIAGO).portal_url is None


def test_a_draft_bill_has_no_dates_and_no_number() -> None:
    lines = [{"purchase_order_id": {"name": "P00007"}}, {"purchase_order_id": False}, {"purchase_order_id": {"name": "P00007"}}]
    record = {
        "id": 3, "name": "/", "ref": False, "state": "draft", "payment_state": "not_paid", "amount_total": 100.1,
        "amount_residual": 100.1, "invoice_date": False, "invoice_date_due": "2026-11-22",
        "currency_id": {"id": 1, "name": "USD"}, "invoice_line_ids": lines,
    }  # fmt: skip
    bill = to_bill(record)
    assert (bill.name, bill.ref, bill.due_date, bill.orders) == (None, None, None, ("P00007",))
    posted = to_bill(record | {"state": "posted", "name": "BILL/1", "invoice_date": "2026-11-20"})
    assert (posted.name, posted.bill_date, posted.due_date) == ("BILL/1", date(2026, 11, 20), date(2026, 11, 22))


@pytest.mark.parametrize("zone", ["America/Santiago", "Pacific/Apia", "Etc/GMT+12", "UTC"])
@pytest.mark.parametrize("day", [date(2026, 4, 4), date(2026, 9, 6), date(2026, 12, 31)])
def test_noon_is_on_the_day_itself(zone: str, day: date) -> None:
    assert local_date(noon(day, ZoneInfo(zone)), ZoneInfo(zone)) == day


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
