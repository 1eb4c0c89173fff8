"""Chatwoot conversations: opened, given another status, assigned, labelled; each change with activity and webhook."""

import uuid
from datetime import datetime
from typing import Any

from sandbox.chatwoot import events
from sandbox.chatwoot.payloads import iso
from sandbox.chatwoot.records import (
    Contact,
    ContactInbox,
    Conversation,
    ConversationStatus,
    Member,
    Message,
    MessageType,
)
from sandbox.chatwoot.sandbox import ChatwootSandbox


async def open_conversation(
    sandbox: ChatwootSandbox,
    contact: Contact,
    contact_inbox: ContactInbox,
    *,
    status: ConversationStatus | None = None,
    additional_attributes: dict[str, Any] | None = None,
    custom_attributes: dict[str, Any] | None = None,
) -> Conversation:
    """A new Chatwoot conversation. In an inbox with the bot it begins `pending`, assigned to the bot."""
    now = sandbox.clock.now()
    with_bot = sandbox.has_bot(contact_inbox.inbox_id) and status is None
    conversation = Conversation(
        id=sandbox.store.next_id(Conversation),
        uuid=str(uuid.uuid4()),
        inbox_id=contact_inbox.inbox_id,
        contact_id=contact.id,
        contact_inbox_id=contact_inbox.id,
        status=status or ("pending" if with_bot else "open"),
        assignee_type="AgentBot" if with_bot else None,
        assignee_id=sandbox.bot.id if with_bot else None,
        additional_attributes=additional_attributes or {},
        custom_attributes=custom_attributes or {},
        waiting_since=now,
        last_activity_at=now,
        created_at=now,
        updated_at=now,
    )
    await sandbox.store.save(conversation)
    events.conversation_created(sandbox, conversation)
    return conversation


async def change_status(
    sandbox: ChatwootSandbox,
    conversation: Conversation,
    status: ConversationStatus,
    *,
    by: Member | None = None,
    snoozed_until: datetime | None = None,
    activity: str | None = None,
) -> None:
    """Set the status. A bot that opens a pending conversation hands it over: its assignment is cleared.

    `activity` is the log line, if not the usual one.
    """
    before = conversation.status
    conversation.snoozed_until = snoozed_until if status == "snoozed" else None
    if before == status:
        await sandbox.store.save(conversation)
        return
    conversation.status = status
    if status == "resolved":
        conversation.waiting_since = None
    if status == "open" and conversation.assignee_type == "AgentBot":
        conversation.assignee_type, conversation.assignee_id = None, None
    changes = _touch(sandbox, conversation) | {"status": (before, status)}
    await sandbox.store.save(conversation)
    events.conversation_status_changed(sandbox, conversation)
    if status in ("open", "resolved"):
        events.conversation_opened_or_resolved(sandbox, conversation)
    events.conversation_updated(sandbox, conversation, changes)
    words = "reopened" if status == "open" and before == "resolved" else f"marked {status}"
    await add_activity(
        sandbox,
        conversation,
        activity or f"Conversation was {words} by {by.name if by else 'the system'}",
        {"type": "conversation_status_changed", "status": status},
    )


async def assign(sandbox: ChatwootSandbox, conversation: Conversation, assignee: Member | None, *, by: Member) -> None:
    """Assign a user or the bot, or nobody."""
    user_before = conversation.assignee_id if conversation.assignee_type == "User" else None
    before = (conversation.assignee_type, conversation.assignee_id)
    conversation.assignee_type = assignee.kind if assignee else None
    conversation.assignee_id = assignee.id if assignee else None
    if before == (conversation.assignee_type, conversation.assignee_id):
        return
    user_after = assignee.id if assignee and assignee.kind == "User" else None
    changes = _touch(sandbox, conversation)
    if "AgentBot" in (before[0], conversation.assignee_type):
        bot_before = before[1] if before[0] == "AgentBot" else None
        bot_after = assignee.id if assignee and assignee.kind == "AgentBot" else None
        changes["assignee_agent_bot_id"] = (bot_before, bot_after)
    if user_before != user_after:
        changes["assignee_id"] = (user_before, user_after)
    await sandbox.store.save(conversation)
    events.conversation_updated(sandbox, conversation, changes)
    text = f"Assigned to {assignee.name} by {by.name}" if assignee else f"Conversation unassigned by {by.name}"
    await add_activity(sandbox, conversation, text, {"type": "assignee_changed"})


async def set_labels(sandbox: ChatwootSandbox, conversation: Conversation, labels: list[str]) -> None:
    """Replace the whole set of labels."""
    before, conversation.labels = conversation.labels, labels
    if before != labels:
        await _save_changed(sandbox, conversation, {"label_list": (before, labels)})


async def set_custom_attributes(sandbox: ChatwootSandbox, conversation: Conversation, attributes: dict[str, Any]) -> None:
    """Replace the whole hash of custom attributes."""
    before, conversation.custom_attributes = conversation.custom_attributes, attributes
    if before != attributes:
        await _save_changed(sandbox, conversation, {"custom_attributes": (before, attributes)})


async def set_waiting(
    sandbox: ChatwootSandbox,
    conversation: Conversation,
    *,
    waiting_since: datetime | None,
    first_reply_at: datetime | None = None,
) -> None:
    """Note that the contact waits (or no longer does), and the first reply if this was it."""
    changes: events.Changes = {}
    if (conversation.waiting_since is None) != (waiting_since is None):
        changes["waiting_since"] = (_iso(conversation.waiting_since), _iso(waiting_since))
        conversation.waiting_since = waiting_since
    if first_reply_at is not None and conversation.first_reply_created_at is None:
        changes["first_reply_created_at"] = (None, iso(first_reply_at))
        conversation.first_reply_created_at = first_reply_at
    if changes:
        await _save_changed(sandbox, conversation, changes)


async def add_activity(sandbox: ChatwootSandbox, conversation: Conversation, text: str, activity: dict[str, Any]) -> None:
    """A line that only the dashboard and `GET …/messages` show."""
    now = sandbox.clock.now()
    message = Message(
        id=sandbox.store.next_id(Message),
        conversation_id=conversation.id,
        inbox_id=conversation.inbox_id,
        message_type=MessageType.ACTIVITY,
        content=text,
        content_attributes={"activity": activity},
        created_at=now,
        updated_at=now,
    )
    await sandbox.store.save(message)


async def _save_changed(sandbox: ChatwootSandbox, conversation: Conversation, changes: events.Changes) -> None:
    changes = _touch(sandbox, conversation) | changes
    await sandbox.store.save(conversation)
    events.conversation_updated(sandbox, conversation, changes)


def _touch(sandbox: ChatwootSandbox, conversation: Conversation) -> events.Changes:
    before, conversation.updated_at = conversation.updated_at, sandbox.clock.now()
    return {"updated_at": (iso(before), iso(conversation.updated_at))}


def _iso(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
