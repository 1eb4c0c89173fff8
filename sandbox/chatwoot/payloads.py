"""The serialisers of webhooks: exactly the keys that v4.16.2 sends (`message.rb`, `event_data_presenter.rb`).

They read the store when they are called, which is when the job runs and not when the event happened: so `messages[]`
may hold a newer message than the event's own, as in life. The fixtures in the tests hold the key sets.
"""

from datetime import datetime, timedelta
from typing import Any

from sandbox.chatwoot.attachments import with_attachments
from sandbox.chatwoot.records import (
    INBOXES,
    Contact,
    ContactInbox,
    Conversation,
    Inbox,
    Member,
    Message,
    MessageType,
)
from sandbox.chatwoot.sandbox import ChatwootSandbox

Json = dict[str, Any]

_WINDOW = timedelta(hours=24)


def iso(moment: datetime) -> str:
    """ISO 8601 with milliseconds and `Z`, as Rails writes times."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def unix(moment: datetime | None) -> int:
    """Unix seconds; 0 for a time that was never."""
    return int(moment.timestamp()) if moment else 0


def inbox_of(inbox_id: int) -> Inbox:
    """Raise `StopIteration` for an inbox that does not exist."""
    return next(inbox for inbox in INBOXES if inbox.id == inbox_id)


def can_reply(sandbox: ChatwootSandbox, conversation: Conversation) -> bool:
    """WhatsApp: the contact wrote in the last 24 hours (`message_window_service.rb`); other channels: always."""
    if inbox_of(conversation.inbox_id).kind != "whatsapp":
        return True
    last = sandbox.store.last_incoming(conversation.id)
    return last is not None and sandbox.clock.now() - last.created_at < _WINDOW


def unread_count(sandbox: ChatwootSandbox, conversation: Conversation) -> int:
    """The contact's messages since an agent last looked, at most ten."""
    seen = conversation.agent_last_seen_at
    unread = [
        message
        for message in sandbox.store.messages(conversation.id)
        if message.message_type is MessageType.INCOMING and (seen is None or message.created_at > seen)
    ]
    return min(len(unread), 10)


def account_data(sandbox: ChatwootSandbox) -> Json:
    """The account as every payload names it."""
    return {"id": sandbox.config.account_id, "name": sandbox.config.account_name}


def contact_push(contact: Contact) -> Json:
    """A contact inside `meta.sender` and `messages[].sender`: here, and only here, it has a type."""
    return {
        "additional_attributes": contact.additional_attributes,
        "custom_attributes": contact.custom_attributes,
        "email": contact.email,
        "id": contact.id,
        "identifier": contact.identifier,
        "name": contact.name,
        "phone_number": contact.phone_number,
        "thumbnail": "",
        "blocked": contact.blocked,
        "type": "contact",
    }


def contact_webhook(sandbox: ChatwootSandbox, contact: Contact) -> Json:
    """A contact as top-level `sender` and as the payload of `contact_*`: no `type`."""
    pushed = contact_push(contact)
    del pushed["type"]
    return {"account": account_data(sandbox), "avatar": "", **pushed}


def member_push(member: Member) -> Json:
    """A user or bot inside `meta.assignee` and `messages[].sender`."""
    if member.kind == "AgentBot":
        return {"id": member.id, "name": member.name, "avatar_url": "", "type": "agent_bot"}
    return {
        "id": member.id,
        "name": member.name,
        "available_name": member.name,
        "avatar_url": "",
        "type": "user",
        "availability_status": None,
        "thumbnail": "",
    }


def member_webhook(member: Member) -> Json:
    """A user or bot as top-level `sender`."""
    if member.kind == "AgentBot":
        return {"id": member.id, "name": member.name, "type": "agent_bot"}
    return {"id": member.id, "name": member.name, "email": member.email, "type": "user"}


def sender_push(sandbox: ChatwootSandbox, message: Message) -> Json | None:
    """Who wrote a message, as in `messages[]` and REST."""
    if message.sender_type == "Contact":
        contact = sandbox.store.get(Contact, message.sender_id)
        return contact_push(contact) if contact else None
    member = sandbox.member(message.sender_type, message.sender_id)
    return member_push(member) if member else None


def message_push(sandbox: ChatwootSandbox, message: Message) -> Json:
    """A message as `conversation.messages[]` holds it (`message.rb#push_event_data`)."""
    conversation = sandbox.store.the(Conversation, message.conversation_id)
    contact_inbox = sandbox.store.the(ContactInbox, conversation.contact_inbox_id)
    mail = message.content_attributes.get("email") or {}
    trimmed = (mail.get("text_content") or {}).get("quoted") if message.content_type == "incoming_email" else None
    pushed: Json = {
        "id": message.id,
        "content": message.content,
        "account_id": sandbox.config.account_id,
        "inbox_id": message.inbox_id,
        "conversation_id": conversation.id,
        "message_type": int(message.message_type),
        "created_at": unix(message.created_at),
        "updated_at": iso(message.updated_at),
        "private": message.private,
        "status": message.status,
        "source_id": message.source_id,
        "content_type": message.content_type,
        "content_attributes": message.content_attributes,
        "sender_type": message.sender_type,
        "sender_id": message.sender_id,
        "external_source_ids": {},
        "additional_attributes": message.additional_attributes,
        "processed_message_content": trimmed or message.content,
        "sentiment": {},
        "conversation": {
            "assignee_id": conversation.assignee_id if conversation.assignee_type == "User" else None,
            "unread_count": unread_count(sandbox, conversation),
            "last_activity_at": unix(conversation.last_activity_at),
            "contact_inbox": {"source_id": contact_inbox.source_id},
        },
    }
    sender = sender_push(sandbox, message)
    if sender:
        pushed["sender"] = sender
    return with_attachments(sandbox, message, pushed)


def conversation_webhook(sandbox: ChatwootSandbox, conversation: Conversation) -> Json:
    """The whole payload of `conversation_*`, and `conversation` of the others (`event_data_presenter.rb`)."""
    contact = sandbox.store.the(Contact, conversation.contact_id)
    contact_inbox = sandbox.store.the(ContactInbox, conversation.contact_inbox_id)
    newest = sandbox.store.newest_public_message(conversation.id)
    assignee = sandbox.member(conversation.assignee_type, conversation.assignee_id)
    activity = unix(conversation.last_activity_at)
    first_reply = conversation.first_reply_created_at
    return {
        "additional_attributes": conversation.additional_attributes,
        "can_reply": can_reply(sandbox, conversation),
        "channel": inbox_of(conversation.inbox_id).channel,
        "contact_inbox": {
            "id": contact_inbox.id,
            "contact_id": contact_inbox.contact_id,
            "inbox_id": contact_inbox.inbox_id,
            "source_id": contact_inbox.source_id,
            "created_at": iso(contact_inbox.created_at),
            "updated_at": iso(contact_inbox.updated_at),
            "hmac_verified": contact_inbox.hmac_verified,
            "pubsub_token": contact_inbox.pubsub_token,
        },
        "id": conversation.id,
        "inbox_id": conversation.inbox_id,
        "messages": [message_push(sandbox, newest)] if newest else [],
        "labels": list(conversation.labels),
        "meta": {
            "sender": contact_push(contact),
            "assignee": member_push(assignee) if assignee else None,
            "assignee_type": conversation.assignee_type,
            "team": None,
            "hmac_verified": contact_inbox.hmac_verified,
        },
        "status": conversation.status,
        "custom_attributes": conversation.custom_attributes,
        "snoozed_until": iso(conversation.snoozed_until) if conversation.snoozed_until else None,
        "unread_count": unread_count(sandbox, conversation),
        "first_reply_created_at": iso(first_reply) if first_reply else None,
        "priority": conversation.priority,
        "waiting_since": unix(conversation.waiting_since),
        "agent_last_seen_at": unix(conversation.agent_last_seen_at),
        "contact_last_seen_at": unix(conversation.contact_last_seen_at),
        "last_activity_at": activity,
        "timestamp": activity,
        "created_at": unix(conversation.created_at),
        "updated_at": conversation.updated_at.timestamp(),
        "account": account_data(sandbox),
    }


def message_webhook(sandbox: ChatwootSandbox, message: Message) -> Json:
    """The payload of `message_created` and `message_updated`, without its `event`."""
    conversation = sandbox.store.the(Conversation, message.conversation_id)
    inbox = inbox_of(message.inbox_id)
    sender: Json | None
    if message.sender_type == "Contact":
        sender = contact_webhook(sandbox, sandbox.store.the(Contact, conversation.contact_id))
    else:
        member = sandbox.member(message.sender_type, message.sender_id)
        sender = member_webhook(member) if member else None
    payload = {
        "account": account_data(sandbox),
        "additional_attributes": message.additional_attributes,
        "content_attributes": message.content_attributes,
        "content_type": message.content_type,
        "content": message.content,
        "conversation": conversation_webhook(sandbox, conversation),
        "created_at": iso(message.created_at),
        "id": message.id,
        "inbox": {"id": inbox.id, "name": inbox.name},
        "message_type": message.message_type.name.lower(),
        "private": message.private,
        "sender": sender,
        "source_id": message.source_id,
    }
    return with_attachments(sandbox, message, payload)
