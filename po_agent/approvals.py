"""What waits for a person, with what it takes to decide, and the decision of whoever sits at this terminal."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from domain.errors import InvalidInput
from domain.messages import Direction
from po_agent.database import attached_sessions
from po_agent.partners import ProcessPartners
from po_agent.settings import Settings
from po_agent.worklists import known_status
from storage.approvals import APPROVAL_STATUSES, Approvals, Choice
from storage.decisions import decide
from storage.models import Conversation, Message, Turn
from webhook_bridge.identity import Linker
from webhook_bridge.link_questions import LINK_SUPPLIER


async def newest_approvals(settings: Settings, *, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Newest first. Raises `InvalidInput` for a status there is not."""
    if status is not None:
        known_status(status, APPROVAL_STATUSES)
    async with attached_sessions(settings) as database, database.session() as session:
        approvals = await Approvals(session).newest(status=status, limit=limit)
        suppliers = await _suppliers(session, {approval.conversation_id for approval in approvals})
        turns = {approval.turn_id for approval in approvals if approval.turn_id is not None}
        words, orders = await _words(session, turns), await _orders_meant(session, turns)
        return [
            {
                "id": approval.id,
                "status": approval.status,
                "kind": approval.kind,
                "opened_at": approval.opened_at.isoformat(timespec="seconds"),
                "supplier": suppliers.get(approval.conversation_id),
                "conversation": str(approval.conversation_id) if approval.conversation_id else None,
                "order": _order(approval.proposal) or orders.get(approval.turn_id),
                "supplier_wrote": "\n".join(words[approval.turn_id]),
                "question": approval.question,
                "proposal": _proposed(approval.proposal),
                "decided_by": approval.decided_by,
            }
            for approval in approvals
        ]


async def _suppliers(session: AsyncSession, conversation_ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    query = select(Conversation).where(Conversation.id.in_(conversation_ids)).options(joinedload(Conversation.supplier))
    return {conversation.id: conversation.supplier.name for conversation in await session.scalars(query)}


async def _words(session: AsyncSession, turn_ids: Collection[int]) -> dict[int | None, list[str]]:
    """What the supplier wrote, by the turn that it led to."""
    query = select(Message).where(Message.turn_id.in_(turn_ids), Message.direction == Direction.INBOUND)
    words: dict[int | None, list[str]] = defaultdict(list)
    for message in await session.scalars(query.order_by(Message.chatwoot_message_id, Message.id)):
        words[message.turn_id].append(message.content)
    return words


async def _orders_meant(session: AsyncSession, turn_ids: Collection[int]) -> dict[int | None, str | None]:
    """The order that the supplier spoke of, by turn."""
    turns = await session.scalars(select(Turn).where(Turn.id.in_(turn_ids)))
    return {turn.id: (turn.understanding or {}).get("order_ref") for turn in turns}


def _order(proposal: dict[str, Any]) -> str | None:
    """The order that the proposed step is about: as policy saw it, or as the supplier named it."""
    facts = proposal.get("step", {}).get("facts", {})
    order = facts.get("seen") or facts.get("order")
    name: str | None = order["name"] if isinstance(order, dict) else order
    return name


def _proposed(proposal: dict[str, Any]) -> Any:
    """What will be said, or done and on what grounds; of somebody unknown, what is known of them."""
    step = proposal.get("step")
    if step is not None:
        return {"action": step["action"]} | step["arguments"] | {"rule": step["rule"]} | step["facts"]
    if "parts" in proposal:
        return proposal["parts"]
    return {name: proposal[name] for name in ("contact_points", "candidates") if name in proposal}


async def decide_approval(
    settings: Settings, approval_id: int, choice: Choice, *, edit: dict[str, Any] | None = None, note: str | None
) -> dict[str, Any]:
    """Decide, as the person at this terminal. Raises what `storage.decisions.decide` raises."""
    async with attached_sessions(settings) as database, database.session() as session:
        linker = Linker(database=database, partners=ProcessPartners(), now=lambda: datetime.now(UTC))
        approval = await decide(
            session,
            approval_id,
            choice,
            edit=edit,
            note=note,
            by="cli",
            now=datetime.now(UTC),
            further={LINK_SUPPLIER: linker.decided},
        )
        return {"id": approval.id, "kind": approval.kind, "status": approval.status, "decided_by": approval.decided_by}


def edited(edit: str | None, *, partner: int | None) -> dict[str, Any] | None:
    """What is to be done instead, from the options; None for what was proposed. Raises `InvalidInput`."""
    if edit is None:
        return None if partner is None else {"odoo_partner_id": partner}
    if partner is not None:
        raise InvalidInput("--partner and --edit both say what is to be done instead: give one of them.")
    try:
        value = json.loads(edit)
    except ValueError as error:
        raise InvalidInput("--edit is not JSON.") from error
    if not isinstance(value, dict):
        raise InvalidInput("--edit is not a JSON object.")
    return value
