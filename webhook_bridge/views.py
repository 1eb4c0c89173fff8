"""Rows as the HTTP API shows them. Adding a field here is safe; renaming one breaks whoever reads it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from storage.models import Approval, ContactPoint, Conversation, Message, OrderRecord, Supplier, Turn


def message_view(message: Message) -> dict[str, Any]:
    """A message with where it belongs. Its `conversation` must be loaded."""
    return {
        "id": message.id,
        "conversation_id": str(message.conversation_id),
        "thread_id": str(message.conversation.thread_id),
        "supplier_id": str(message.conversation.supplier_id),
        "turn_id": message.turn_id,
        "channel": message.channel,
        "direction": message.direction,
        "status": message.status,
        "author": message.author,
        "private": message.private,
        "kind": message.kind,
        "content": message.content,
        "subject": message.subject,
        "attachments": message.attachments,
        "timestamp": _time(message.timestamp),
        "chatwoot_account_id": message.account_id,
        "chatwoot_inbox_id": message.chatwoot_inbox_id,
        "chatwoot_conversation_id": message.chatwoot_conversation_id,
        "chatwoot_message_id": message.chatwoot_message_id,
        "delivery_key": message.delivery_key,
        "attempts": message.attempts,
        "failure": message.failure,
        "outcome_unknown_at": _time(message.outcome_unknown_at),
        "sent_at": _time(message.sent_at),
        "template": message.template,
        "duplicates": message.duplicates or [],
    }


def conversation_view(conversation: Conversation, *, turns: Sequence[Turn], orders: Sequence[OrderRecord]) -> dict[str, Any]:
    """A conversation with its supplier, turns and orders, newest first. `order` is the newest one."""
    return {
        "id": str(conversation.id),
        "thread_id": str(conversation.thread_id),
        "is_active": conversation.is_active,
        "handled_by": conversation.handled_by,
        "started_at": _time(conversation.started_at),
        "ended_at": _time(conversation.ended_at),
        "end_reason": conversation.end_reason,
        "supplier": supplier_view(conversation.supplier),
        "contact_points": [contact_point_view(point) for point in conversation.supplier.contact_points],
        "turns": [turn_view(turn) for turn in turns],
        "order": order_view(orders[0]) if orders else None,
    }


def supplier_view(supplier: Supplier) -> dict[str, Any]:
    """A supplier; `odoo_partner_id` null means provisional."""
    return {
        "id": str(supplier.id),
        "name": supplier.name,
        "odoo_partner_id": supplier.odoo_partner_id,
        "language": supplier.language,
    }


def contact_point_view(point: ContactPoint) -> dict[str, Any]:
    """One way the supplier writes to us."""
    return {
        "channel": point.channel,
        "user_identifier": point.user_identifier,
        "chatwoot_account_id": point.account_id,
        "chatwoot_contact_id": point.chatwoot_contact_id,
        "chatwoot_inbox_id": point.chatwoot_inbox_id,
        "last_inbound_at": _time(point.last_inbound_at),
    }


def turn_view(turn: Turn) -> dict[str, Any]:
    """A turn with what was understood and planned."""
    return {
        "id": turn.id,
        "kind": turn.kind,
        "status": turn.status,
        "attempt": turn.attempt,
        "chatwoot_conversation_id": turn.chatwoot_conversation_id,
        "understanding": turn.understanding,
        "plan": turn.plan,
        "run_id": str(turn.run_id) if turn.run_id else None,
        "last_error": turn.last_error,
        "started_at": _time(turn.started_at),
        "due_at": _time(turn.due_at),
        "ended_at": _time(turn.ended_at),
    }


def order_view(order: OrderRecord) -> dict[str, Any]:
    """What the agent holds to be true of an order. Amounts are text, to stay exact."""
    return {
        "odoo_id": order.odoo_id,
        "name": order.name,
        "supplier_id": str(order.supplier_id),
        "conversation_id": str(order.conversation_id) if order.conversation_id else None,
        "opened_by": order.opened_by,
        "state": order.state,
        "currency": order.currency,
        "amount_total": str(order.amount_total.normalize() + 0),
        "agreed_date": _time(order.agreed_date),
        "lines": order.lines,
        "updated_at": _time(order.updated_at),
    }


def approval_view(approval: Approval) -> dict[str, Any]:
    """What a person is asked, or was; `proposal` is what will be done, word for word."""
    return {
        "id": approval.id,
        "kind": approval.kind,
        "status": approval.status,
        "question": approval.question,
        "proposal": approval.proposal,
        "conversation_id": str(approval.conversation_id) if approval.conversation_id else None,
        "turn_id": approval.turn_id,
        "decision": approval.decision,
        "decided_by": approval.decided_by,
        "opened_at": _time(approval.opened_at),
        "decided_at": _time(approval.decided_at),
    }


def _time(value: date | datetime | None) -> str | None:
    return value.isoformat() if value else None
