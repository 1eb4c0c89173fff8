"""Everything the page shows of one supplier on one channel, gathered once a second: phone, team, turn, orders."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import structlog

from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.page.bridge import BridgeClient, BridgeUnavailable
from sandbox.page.chat import chat_view, contacts_of, conversation_of, team_view
from sandbox.page.views import order_view, turn_view

Json = dict[str, Any]

_log = structlog.get_logger(__name__)


class OdooPlay(Protocol):
    """The parts that other people play in Odoo; the composition implements it on its order manager."""

    async def orders(self, partner_name: str) -> list[dict[str, Any]]:
        """The partner's orders, as `GET /orders` or `domain.orders.Order.to_json` words them; newest first."""
        ...

    async def receive(self, order_id: int) -> None:
        """The warehouse receives everything."""
        ...

    async def bill(self, order_id: int) -> None:
        """The biller makes the vendor bill."""
        ...

    async def approve(self, order_id: int) -> None:
        """The approver approves the order."""
        ...


async def page_state(
    *, supplier: Mapping[str, Any], channel: str, chatwoot: ChatwootSandbox, bridge: BridgeClient, odoo: OdooPlay | None
) -> Json:
    """The whole state. A bridge or an Odoo that does not answer becomes a line in `problems`, never an error."""
    (dealing, turns, mirrored, bridge_problem), (live, odoo_problem) = await asyncio.gather(
        _from_bridge(bridge, chatwoot, supplier, channel), _from_odoo(odoo, supplier)
    )
    chat = conversation_of(chatwoot, supplier, channel)
    orders = live if odoo is not None and not odoo_problem else mirrored
    return {
        "supplier": supplier["key"],
        "channel": channel,
        "chat": chat_view(chatwoot, chat),
        "team": team_view(chatwoot, chat),
        "person": chatwoot.person.name,
        "handled_by": str(dealing.get("handled_by") or ""),
        "turns": [turn_view(turn) for turn in turns],
        "orders": [order_view(order, playable=odoo is not None) for order in orders],
        "problems": [problem for problem in (bridge_problem, odoo_problem) if problem],
    }


async def _from_bridge(
    bridge: BridgeClient, chatwoot: ChatwootSandbox, supplier: Mapping[str, Any], channel: str
) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]], list[dict[str, Any]], str]:
    try:
        conversations = await bridge.conversations()
        dealing = _dealing(conversations, chatwoot, supplier, channel)
        turns = [turn for turn in dealing.get("turns") or [] if isinstance(turn, Mapping)]
        supplier_id = (dealing.get("supplier") or {}).get("id")
        orders = await bridge.orders(supplier_id) if supplier_id else []
    except BridgeUnavailable as error:
        return {}, [], [], f"The bridge does not answer: {error}."
    order = dealing.get("order")
    return dealing, turns, orders or ([order] if isinstance(order, dict) else []), ""


async def _from_odoo(odoo: OdooPlay | None, supplier: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str]:
    if odoo is None:
        return [], ""
    try:
        return await odoo.orders(str(supplier["name"])), ""
    except Exception as error:  # Whatever Odoo's adapter raises, the page goes on with what the bridge knows.
        _log.warning("sandbox_page_odoo_failed", error=repr(error))
        return [], f"Odoo does not answer: {type(error).__name__}."


def _dealing(
    conversations: Sequence[Mapping[str, Any]], chatwoot: ChatwootSandbox, supplier: Mapping[str, Any], channel: str
) -> Mapping[str, Any]:
    """The bridge's conversation with this supplier: rather on this channel, active, and late; empty if there is none."""
    contact_ids = {contact.id for contact in contacts_of(chatwoot, supplier)}
    addresses = {supplier.get("phone"), supplier.get("email")} - {None, ""}

    def concerns(conversation: Mapping[str, Any]) -> bool:
        points = [point for point in conversation.get("contact_points") or [] if isinstance(point, Mapping)]
        if any(
            point.get("chatwoot_contact_id") in contact_ids or point.get("user_identifier") in addresses for point in points
        ):
            return True
        return bool((conversation.get("supplier") or {}).get("name") == supplier.get("name"))

    def has_channel(conversation: Mapping[str, Any]) -> bool:
        points = conversation.get("contact_points") or []
        return any(isinstance(point, Mapping) and point.get("channel") == channel for point in points)

    mine = [conversation for conversation in conversations if concerns(conversation)]
    mine.sort(key=lambda each: (has_channel(each), bool(each.get("is_active")), str(each.get("started_at") or "")))
    return mine[-1] if mine else {}
