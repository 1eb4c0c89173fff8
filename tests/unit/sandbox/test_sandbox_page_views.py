"""The page's words and numbers, out of JSON that may lack any key. Nothing is faked."""

from decimal import Decimal

import pytest

from domain.orders import OrderState
from domain.understanding import Intent, OfferedLine, Understanding
from sandbox.page.formatting import day, money, number
from sandbox.page.phrases import phrases, products_hint
from sandbox.page.views import order_view, turn_view


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("1487500.00", "CLP", "$ 1.487.500"),
        (Decimal("12.5"), "USD", "US$ 12,50"),
        ("11250.50", "CLP", "$ 11.250,50"),
        (3, "PEN", "PEN 3,00"),
        (None, "CLP", ""),
        ("many", "CLP", ""),
    ],
)
def test_money_as_chile_writes_it(value: object, currency: str, text: str) -> None:
    assert money(value, currency).replace("\u00a0", " ") == text


def test_quantities_and_days() -> None:
    assert [number(value) for value in ("100", "12.50", "1250.5", "0", 1000000, None, "NaN")] == [
        "100", "12,5", "1.250,5", "0", "1.000.000", "", "",
    ]  # fmt: skip
    assert [day("2026-11-27"), day("2026-11-27T10:00:00Z"), day(None), day("soon")] == ["27-11-2026", "27-11-2026", "", ""]


def test_a_turn_says_what_was_understood_and_why() -> None:
    line = OfferedLine(product="harina", quantity=Decimal(20), unit="sacos", unit_price=Decimal(11250), currency="CLP")
    understanding = Understanding(
        intent=Intent.NEW_QUOTE, lines=(line,), needs_human=True, reason="first order", confidence=0.9
    )
    step = {"number": 1, "action": "create_purchase_quote", "verdict": "do", "reason": "in stock", "arguments": {}}
    turn = {"id": "t", "kind": "inbound", "status": "running", "attempt": 2, "plan": {"steps": [step]}}
    view = turn_view(turn | {"understanding": understanding.to_json()})
    facts = {fact["name"]: fact["value"].replace("\u00a0", " ") for fact in view["understanding"]["facts"]}
    assert facts == {"Lines": "20 sacos harina at $ 11.250", "Needs a person": "first order"}
    assert (view["tone"], view["attempt"], view["understanding"]["confidence"]) == ("busy", 2, 90)
    assert [(s["action"], s["verdict"], s["reason"]) for s in view["steps"]] == [("Create purchase quote", "Do", "in stock")]


@pytest.mark.parametrize(
    "turn", [{}, {"plan": None, "understanding": None}, {"plan": {"steps": ["x", {}]}, "understanding": []}]
)
def test_a_turn_without_its_keys_is_shown_all_the_same(turn: dict[str, object]) -> None:
    assert turn_view(turn)["status"] == "waiting"


@pytest.mark.parametrize("state", list(OrderState))
def test_only_the_part_whose_turn_it_is_can_be_played(state: OrderState) -> None:
    view = order_view({"odoo_id": 1, "state": state.value}, playable=True)
    allowed = {OrderState.TO_APPROVE: ["approve"], OrderState.CONFIRMED: ["receive"], OrderState.RECEIVED: ["bill"]}
    assert [part["part"] for part in view["parts"] if part["enabled"]] == allowed.get(state, [])
    assert not any(part["enabled"] for part in order_view({"odoo_id": 1, "state": state.value}, playable=False)["parts"])


def test_the_stepper_marks_what_is_behind_and_claims_no_approval() -> None:
    marks = {step["state"]: step["mark"] for step in order_view({"state": "received"}, playable=True)["steps"]}
    assert marks == {
        "draft": "done", "sent": "done", "to_approve": "passed", "confirmed": "done", "received": "current", "billed": "ahead",
    }  # fmt: skip
    assert order_view({"state": "cancelled"}, playable=True)["steps"] == []
    assert {step["mark"] for step in order_view({"state": "billed"}, playable=True)["steps"]} == {"done", "passed"}


def test_phrases_are_in_the_suppliers_language() -> None:
    assert phrases({"lang": "pt_BR", "products": ["castanha", "cacau"]})[1].startswith("Temos 20 castanha")
    assert phrases({"lang": "fr"})[0] == "Hola, buenos días"
    assert phrases({"lang": "en", "phrases": ["Hi"]}) == ["Hi"]
    assert products_hint({"products": "harina, sémola"}) == "harina, sémola"
