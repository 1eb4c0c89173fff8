"""First node: overwrite the whole state from the tables and from Odoo, so that nothing old is believed.

A turn of the bridge is looked up; words that came with the run (Studio, SDK) are first written down as a turn of their own. Who
speaks was settled before the run (`webhook_bridge/identity.py`); here it is only held to: whoever is not known for certain has
no partner in this turn, so that nothing of any order can be told to them or done for them.
"""

from typing import Any

import structlog

from domain.errors import InvalidInput
from domain.identity import Channel
from domain.messages import Author
from domain.modes import stricter
from domain.orders import ACTIVE_STATES, Order, OrderState
from graphs.purchase_order.node import Update
from graphs.purchase_order.sdk_turn import write_sdk_turn
from graphs.purchase_order.services import Services
from graphs.purchase_order.state import RUNNING, ConversationState
from storage.audit import Audit
from storage.decisions import words_behind
from storage.messages import Messages
from storage.models import Message, Supplier, Turn
from storage.models.turn import TurnStatus
from storage.orders import Orders
from storage.suppliers import Suppliers
from storage.turns import Turns
from tools.odoo.port import OrderNotFound
from tools.permissions import use

log = structlog.get_logger(__name__)


async def message_reader(state: ConversationState, services: Services) -> Update:
    """Answer every channel of the state. Raises `InvalidInput`, `StaleAttempt`, `UpstreamError`."""
    turn_id, attempt = await _which_turn(state, services)
    async with services.database.session() as session:
        turn = await Turns(session).held(turn_id, attempt)
        supplier = await Suppliers(session).get((await Turns(session).get(turn_id)).conversation.supplier_id)
        # What was begun is carried through and told, also where its words were taken back since.
        begun = await Turns(session).has_operations(turn_id)
        pending = await Messages(session).of_turn(turn_id, withdrawn=begun)
        words = pending or await words_behind(session, turn)
        if not words:
            turn.status, turn.ended_at = TurnStatus.DONE, services.now()
    structlog.contextvars.bind_contextvars(supplier=str(supplier.id), conversation=str(turn.conversation_id), turn=turn_id)
    partner_id = _partner(supplier, words)
    order, opened_by_agent = await _open_order(supplier, partner_id, services) if words else (None, False)
    facts = _turn_facts(turn, supplier, partner_id, words, services)
    fetched = await use("fetch_pending_messages", services.tool_context(facts))
    return {
        "turn": facts,
        "burst": [message.content for message in pending],
        "files": sum(len(message.attachments) for message in pending),
        "messages": [_as_chat(message) for message in fetched["transcript"]],
        "order": order.to_json() if order else None,
        "opened_by_agent": opened_by_agent,
        "understanding": turn.understanding,
        "plan": turn.plan,
        "outcomes": [],
        "reply": [],
        "status": RUNNING if words else "done",
    }


async def _which_turn(state: ConversationState, services: Services) -> tuple[int, int]:
    turn_id, attempt = state.get("turn_id"), state.get("attempt")
    if turn_id is not None and attempt is not None:
        return turn_id, attempt
    if turn_id is not None:
        raise InvalidInput("`turn_id` needs the `attempt` it was claimed for.")
    return await write_sdk_turn(state.get("messages") or [], state.get("supplier"), services)


def _partner(supplier: Supplier, words: list[Message]) -> int | None:
    """Odoo's partner that these words count as; None if the supplier is linked to none, or anybody may have written them."""
    points = [message.contact_point for message in words if message.contact_point is not None]
    is_certain = all(point.is_proven and point.supplier_id == supplier.id for point in points)
    return supplier.odoo_partner_id if is_certain else None


async def _open_order(supplier: Supplier, partner_id: int | None, services: Services) -> tuple[Order | None, bool]:
    """The order they may be speaking of, read from Odoo just now: the agent's active one, else the only active one."""
    if partner_id is None:
        return None, False
    async with services.database.session() as session:
        record = await Orders(session).active_of(supplier.id)
    if record is not None:
        try:
            order = await services.odoo.get_order_status(partner_id=partner_id, order_id=record.odoo_id)
        except OrderNotFound:
            log.warning("order is gone from Odoo", order=record.name)
            await _close_record(supplier, services)
        else:
            async with services.database.session() as session:
                await Orders(session).follow(order, supplier_id=supplier.id)
            return order, True
    orders = await services.odoo.list_orders(partner_id=partner_id)
    active = [order for order in orders if order.state in ACTIVE_STATES]
    if len(active) != 1:
        return None, False
    return active[0], False


async def _close_record(supplier: Supplier, services: Services) -> None:
    """What Odoo no longer has is no longer dealt with, else the supplier could never have another order of the agent's."""
    async with services.database.session() as session:
        record = await Orders(session).active_of(supplier.id)
        if record is None:
            return
        Audit(session).add(
            actor="odoo",
            action="gone",
            entity="order",
            entity_id=record.name,
            before={"state": record.state},
            after={"state": OrderState.CANCELLED},
        )
        record.state = OrderState.CANCELLED


def _turn_facts(
    turn: Turn, supplier: Supplier, partner_id: int | None, words: list[Message], services: Services
) -> dict[str, Any]:
    return {
        "id": turn.id,
        "attempt": turn.attempt,
        "conversation_id": str(turn.conversation_id),
        "supplier_id": str(supplier.id),
        "supplier_name": supplier.name,
        "partner_id": partner_id,
        "language": supplier.language,
        "mode": stricter(services.mode, supplier.mode).value,
        "kind": turn.kind,
        "channel": words[-1].channel if words else Channel.API.value,
        "answers": words[-1].id if words else None,
    }


def _as_chat(message: dict[str, Any]) -> dict[str, Any]:
    """A stored message in the form that chat clients show."""
    kind = "human" if message["author"] == Author.SUPPLIER else "ai"
    chat = {"type": kind, "id": f"message-{message['id']}", "content": message["content"]}
    # What a person of ours said is told from what the agent said.
    return chat | ({"name": "person"} if message["author"] == Author.PERSON else {})
