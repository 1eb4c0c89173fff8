"""Messages written and deleted: the limits, the Liquid, the events, and the hand-over to the channel."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sandbox.chatwoot import events
from sandbox.chatwoot.conversations import change_status, set_waiting
from sandbox.chatwoot.delivery import deliver_later
from sandbox.chatwoot.errors import unprocessable
from sandbox.chatwoot.liquid import render_liquid
from sandbox.chatwoot.mail import outgoing_mail_attributes
from sandbox.chatwoot.payloads import inbox_of, iso
from sandbox.chatwoot.records import Attachment, Contact, Conversation, Member, Message, MessageState, MessageType
from sandbox.chatwoot.sandbox import ChatwootSandbox

#: The length of `content` (v4.16.2).
MAX_CONTENT = 150_000


async def write_incoming(
    sandbox: ChatwootSandbox,
    conversation: Conversation,
    *,
    content: str | None,
    content_type: str = "text",
    content_attributes: dict[str, Any] | None = None,
    source_id: str | None = None,
    attachments: Sequence[Attachment] = (),
) -> Message:
    """The contact writes. A resolved conversation reopens first, so its status event goes before the message's.

    Raise `Refusal` (422) over the limits.
    """
    _check_limits(sandbox, conversation, content)
    contact = sandbox.store.the(Contact, conversation.contact_id)
    if conversation.status in ("resolved", "snoozed"):
        await change_status(sandbox, conversation, "pending" if sandbox.has_bot(conversation.inbox_id) else "open")
    message = _new_message(sandbox, conversation, MessageType.INCOMING, content)
    message.content_type = content_type
    message.content_attributes = content_attributes or {}
    message.source_id = source_id
    message.attachments = list(attachments)
    message.sender_type, message.sender_id = "Contact", contact.id
    last_activity, last_update = contact.last_activity_at, contact.updated_at
    conversation.last_activity_at = contact.last_activity_at = contact.updated_at = message.created_at
    await sandbox.store.save(message, conversation, contact)
    events.message_created(sandbox, message)
    await set_waiting(sandbox, conversation, waiting_since=conversation.waiting_since or message.created_at)
    changes: events.Changes = {
        "updated_at": (iso(last_update), iso(message.created_at)),
        "last_activity_at": (iso(last_activity) if last_activity else None, iso(message.created_at)),
    }
    events.contact_updated(sandbox, contact, changes)
    return message


async def write_outgoing(
    sandbox: ChatwootSandbox,
    conversation: Conversation,
    *,
    by: Member | None,
    content: str | None,
    message_type: MessageType = MessageType.OUTGOING,
    private: bool = False,
    content_type: str = "text",
    content_attributes: dict[str, Any] | None = None,
    template_params: dict[str, Any] | None = None,
    source_id: str | None = None,
    status: MessageState = "sent",
) -> Message:
    """A user or bot writes, publicly or as a private note. Raise `Refusal` (422) over the limits.

    Without `by` it is an automation, a template or the phone's own app that wrote: then no sender is told.
    """
    _check_limits(sandbox, conversation, content)
    message = _new_message(sandbox, conversation, message_type, _rendered(sandbox, conversation, by, content))
    message.private = private
    message.content_type = content_type
    message.content_attributes = dict(content_attributes or {})
    if inbox_of(conversation.inbox_id).kind == "email" and not private:
        message.content_attributes |= outgoing_mail_attributes(message.content or "")
    if template_params is not None:
        message.additional_attributes = {"template_params": template_params}
    message.source_id, message.status = source_id, status
    if by is not None:
        message.sender_type, message.sender_id = by.kind, by.id
    conversation.last_activity_at = message.created_at
    await sandbox.store.save(message, conversation)
    events.message_created(sandbox, message)
    if not private:
        sandbox.typing.pop(conversation.id, None)
        first_reply = message.created_at if by and by.kind == "User" else None
        await set_waiting(sandbox, conversation, waiting_since=None, first_reply_at=first_reply)
        deliver_later(sandbox, message)
    return message


async def delete_message(sandbox: ChatwootSandbox, message: Message) -> None:
    """Chatwoot's deletion: the row stays, its content and attributes are replaced."""
    message.content = "This message was deleted"
    message.content_type = "text"
    message.content_attributes = {"deleted": True}
    message.attachments = []
    await change_message(sandbox, message)


async def change_message(sandbox: ChatwootSandbox, message: Message) -> None:
    """Something of the message is not as it was: keep it, and tell."""
    message.updated_at = sandbox.clock.now()
    await sandbox.store.save(message)
    events.message_updated(sandbox, message)


def _new_message(
    sandbox: ChatwootSandbox, conversation: Conversation, message_type: MessageType, content: str | None
) -> Message:
    now = sandbox.clock.now()
    return Message(
        id=sandbox.store.next_id(Message),
        conversation_id=conversation.id,
        inbox_id=conversation.inbox_id,
        message_type=message_type,
        content=content,
        created_at=now,
        updated_at=now,
    )


def _check_limits(sandbox: ChatwootSandbox, conversation: Conversation, content: str | None) -> None:
    if len(content or "") > MAX_CONTENT:
        raise unprocessable(f"Validation failed: Content is too long (maximum is {MAX_CONTENT} characters)")
    since = sandbox.clock.now() - timedelta(minutes=1)
    recent = sum(1 for message in sandbox.store.messages(conversation.id) if message.created_at >= since)
    if recent >= sandbox.faults.messages_per_minute:
        raise unprocessable("Validation failed: Too many messages")


def _rendered(sandbox: ChatwootSandbox, conversation: Conversation, by: Member | None, content: str | None) -> str | None:
    if not content:
        return content
    contact = sandbox.store.the(Contact, conversation.contact_id)
    first, _, last = contact.name.partition(" ")
    variables = {
        "contact.name": contact.name,
        "contact.first_name": first,
        "contact.last_name": last,
        "contact.email": contact.email or "",
        "contact.phone_number": contact.phone_number or "",
        "conversation.display_id": str(conversation.id),
        "inbox.name": inbox_of(conversation.inbox_id).name,
        "account.name": sandbox.config.account_name,
        "agent.name": by.name if by else "",
        "agent.email": by.email if by else "",
    }
    return render_liquid(content, variables)
