"""Turns, plans and orders as the page shows them: words and formatted numbers, from JSON whose keys may be missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.orders import OrderState
from domain.understanding import Intent
from sandbox.page.formatting import as_decimal, day, money, number

Json = dict[str, Any]

_INTENTS = {
    Intent.CONFIRM_ORDER: "Confirms the order",
    Intent.MODIFY_ORDER: "Wants a change",
    Intent.CANCEL_ORDER: "Cancels the order",
    Intent.NEW_QUOTE: "Offers goods",
    Intent.DELIVERY_UPDATE: "News of the delivery",
    Intent.BILLING_QUESTION: "Asks about billing",
    Intent.TALK_TO_HUMAN: "Wants a person",
    Intent.ORDER_STATUS: "Asks for the status",
    Intent.SMALLTALK: "Small talk",
    Intent.UNCLEAR: "Unclear",
}
_STATES = {
    OrderState.DRAFT: "Draft",
    OrderState.SENT: "Sent",
    OrderState.TO_APPROVE: "To approve",
    OrderState.CONFIRMED: "Confirmed",
    OrderState.RECEIVED: "Received",
    OrderState.BILLED: "Billed",
    OrderState.CANCELLED: "Cancelled",
}
_WAY = [state for state in OrderState if state is not OrderState.CANCELLED]
_VERDICTS = {"do": "Do", "ask": "Ask", "propose": "Ask a person", "refuse": "Refuse"}
#: Who plays which part, and in which states he has something to do.
_PARTS = (
    ("approve", "Approve", "Approver", {OrderState.TO_APPROVE}),
    ("receive", "Receive all", "Warehouse", {OrderState.CONFIRMED}),
    ("bill", "Make bill", "Biller", {OrderState.RECEIVED}),
)


def turn_view(turn: Mapping[str, Any]) -> Json:
    """One turn: where it stands, what was understood, and the steps of its plan with their verdicts."""
    understanding, plan = _mapping(turn.get("understanding")), _mapping(turn.get("plan"))
    status = str(turn.get("status") or "waiting")
    return {
        "id": str(turn.get("id") or ""),
        "kind": str(turn.get("kind") or ""),
        "status": status,
        "tone": _tone(status),
        "attempt": turn.get("attempt") or 0,
        "understanding": _understanding_view(understanding) if understanding else None,
        "steps": [_step_view(step, index) for index, step in enumerate(_mappings(plan.get("steps")), start=1)],
        "error": str(turn.get("last_error") or ""),
    }


def _understanding_view(understanding: Mapping[str, Any]) -> Json:
    lines = []
    for line in _mappings(understanding.get("lines")):
        words = [number(line.get("quantity")), str(line.get("unit") or ""), str(line.get("product") or "")]
        text = " ".join(word for word in words if word)
        price = money(line.get("unit_price"), line.get("currency"))
        lines.append(f"{text} at {price}" if price else text)
    facts = [
        ("Order", str(understanding.get("order_ref") or "")),
        ("Lines", " · ".join(line for line in lines if line)),
        ("Date", day(understanding.get("delivery_date")) if understanding.get("delivery_date") else ""),
        ("Also", ", ".join(_intent(intent) for intent in understanding.get("also") or [])),
        ("Needs a person", str(understanding.get("reason") or "yes") if understanding.get("needs_human") else ""),
    ]
    confidence = as_decimal(understanding.get("confidence"))
    return {
        "intent": _intent(understanding.get("intent")),
        "confidence": None if confidence is None else int(confidence * 100),
        "facts": [{"name": name, "value": value} for name, value in facts if value],
    }


def _step_view(step: Mapping[str, Any], index: int) -> Json:
    verdict = str(step.get("verdict") or "")
    kind = "propose" if verdict.startswith(("propose", "ask_person", "person")) else verdict
    return {
        "number": step.get("number") or index,
        "action": str(step.get("action") or "").replace("_", " ").capitalize(),
        "verdict": _VERDICTS.get(kind, verdict.replace("_", " ").capitalize()),
        "verdict_kind": kind if kind in _VERDICTS else "ask",
        "reason": str(step.get("reason") or ""),
    }


def order_view(order: Mapping[str, Any], *, playable: bool) -> Json:
    """One order: its stepper, its lines, and the parts that can be played now (`playable`: there is an Odoo to play in)."""
    state = _state(order.get("state"))
    currency = order.get("currency")
    order_id = order.get("odoo_id") or order.get("order_id") or order.get("id")
    planned = order.get("agreed_date") or order.get("planned_date")
    return {
        "id": order_id,
        "name": str(order.get("name") or "New order"),
        "state": state.value,
        "state_label": _STATES[state],
        "total": money(order.get("amount_total"), currency),
        "planned": day(planned) if planned else "",
        "steps": _stepper(state),
        "lines": [
            {
                "product": str(line.get("product") or ""),
                "quantity": f"{number(line.get('quantity'))} {line.get('unit') or ''}".strip(),
                "unit_price": money(line.get("unit_price"), currency),
                "received": number(line.get("received")) or "0",
                "billed": number(line.get("billed")) or "0",
            }
            for line in _mappings(order.get("lines"))
        ],
        "parts": [
            {"part": part, "label": label, "who": who, "enabled": playable and order_id is not None and state in states}
            for part, label, who, states in _PARTS
        ],
    }


def _stepper(state: OrderState) -> list[Json]:
    if state is OrderState.CANCELLED:
        return []
    reached = _WAY.index(state)
    steps = []
    for index, step in enumerate(_WAY):
        mark = "done" if index < reached else "current" if index == reached else "ahead"
        if step is OrderState.TO_APPROVE and index < reached:
            mark = "passed"  # Most orders need no approval: the state alone does not tell that there was one.
        if step is OrderState.BILLED and index == reached:
            mark = "done"
        steps.append({"state": step.value, "label": _STATES[step], "mark": mark})
    return steps


def _state(value: object) -> OrderState:
    try:
        return OrderState(str(value))
    except ValueError:
        return OrderState.DRAFT


def _intent(value: object) -> str:
    try:
        return _INTENTS[Intent(str(value))]
    except ValueError:
        return str(value or "")


def _tone(status: str) -> str:
    if status in ("done", "finished", "answered"):
        return "good"
    if status in ("running", "claimed"):
        return "busy"
    return "bad" if status in ("failed", "dead", "error", "stuck") else "calm"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]
