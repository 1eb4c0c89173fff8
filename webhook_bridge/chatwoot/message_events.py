"""What a created or updated message means: whose words they are decides, and then what happened to them.

An update never changes a text (Chatwoot has no editing). It tells of a deletion, of an answer given in the widget
to a question of ours, or of what became of an outgoing message. Its status stands only in `conversation.messages[0]`,
so it can be told only while that is the same message; a failure can always be told, by `external_error`.
"""

from typing import cast, get_args
from urllib.parse import unquote, urlsplit

from domain.identity import Channel
from webhook_bridge.chatwoot.decoding import NotUnderstood
from webhook_bridge.chatwoot.events import (
    Attachment,
    ConversationStatus,
    DeliveryStatus,
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageStatusChange,
    OwnEcho,
    PersonMessage,
    SupplierMessage,
)
from webhook_bridge.chatwoot.senders import CHANNELS, contact_id, resolve_sender
from webhook_bridge.chatwoot.texts import submitted_text, supplier_text
from webhook_bridge.chatwoot.wire import MAX_ID, WireAttachment, WireMessage

DELIVERY_KEY = "bridge_message_id"
"""Where our own messages carry their key: in `content_attributes`, since `source_id` would stop their delivery."""

_CREATED, _UPDATED = "message_created", "message_updated"


def message_created(message: WireMessage) -> Event:
    """A new message: a supplier's words, a person's, our own told back, or nothing to us."""
    if message.message_type == "incoming":
        return _supplier_message(message)
    if message.message_type == "outgoing":
        return _outgoing_created(message)
    return _neither_in_nor_out(_CREATED, message)


def message_updated(message: WireMessage) -> Event:
    """What happened to a message: deleted, answered in the widget, sent, delivered, read, failed, or nothing to us."""
    if message.attributes.get("deleted") is True:
        return MessageDeleted(account_id=message.account.id, chatwoot_message_id=message.id)
    if message.message_type == "incoming":
        return _supplier_edited(message)
    if message.message_type == "outgoing":
        return _outgoing_updated(message)
    return _neither_in_nor_out(_UPDATED, message)


def _supplier_message(message: WireMessage) -> Event:
    if message.sender and message.sender.type not in (None, "contact"):
        raise NotUnderstood("An incoming message that no contact sent.")
    if message.private:
        return Ignored(event=_CREATED, reason="a private note")
    return _from_supplier(_CREATED, message)


def _supplier_edited(message: WireMessage) -> MessageEdited | Ignored:
    text = supplier_text(message.content, message.attributes)
    if message.private or not text:
        return Ignored(event=_UPDATED, reason="nothing new was said")
    return MessageEdited(account_id=message.account.id, chatwoot_message_id=message.id, text=text)


def _from_supplier(event: str, message: WireMessage) -> SupplierMessage | Ignored:
    conversation, attributes = message.conversation, message.attributes
    channel = CHANNELS.get(conversation.channel)
    if channel is None:
        return Ignored(event=event, reason=f"we do not listen to {conversation.channel[:60]}")
    if conversation.status not in get_args(ConversationStatus):
        raise NotUnderstood("A supplier wrote in a conversation of unknown status.")
    submitted = event == _UPDATED
    mail = attributes.get("email")
    mail = mail if isinstance(mail, dict) else {}
    subject = mail.get("subject")
    newest = message.newest_if_own
    return SupplierMessage(
        account_id=message.account.id,
        inbox_id=message.inbox.id,
        channel=channel,
        chatwoot_conversation_id=conversation.id,
        conversation_status=cast(ConversationStatus, conversation.status),
        assignee_type=conversation.assignee_type,
        assignee_id=conversation.assignee_id,
        chatwoot_message_id=message.id,
        kind="submitted" if submitted else "created",
        sender=resolve_sender(message, channel),
        text=submitted_text(attributes) if submitted else supplier_text(message.content, attributes),
        subject=subject if isinstance(subject, str) and not submitted else None,
        attachments=() if submitted else tuple(map(_attachment, message.attachments or ())),
        # `created_at` is the question's time; the answer came when the message was last changed.
        sent_at=(newest.updated_at if submitted and newest else None) or message.created_at,
        state_at=conversation.updated_at or message.created_at,
        auto_reply=mail.get("auto_reply") is True,
        in_reply_to=None if submitted else _message_id(attributes.get("in_reply_to")),
    )


def _outgoing_created(message: WireMessage) -> Event:
    attributes, sender = message.attributes, message.sender
    own = OwnEcho(
        account_id=message.account.id,
        chatwoot_message_id=message.id,
        delivery_key=_delivery_key(message),
        status=_told_status(message),
    )
    if own.delivery_key:
        return own
    if message.private:
        return Ignored(event=_CREATED, reason="a private note")
    if sender and sender.type == "agent_bot":
        return own
    if "automation_rule_id" in attributes or (sender is None and attributes.get("external_echo") is not True):
        return Ignored(event=_CREATED, reason="an automation wrote it")
    if "campaign_id" in (message.additional_attributes or {}):
        return Ignored(event=_CREATED, reason="a campaign sent it")
    if sender and sender.type == "captain_assistant":
        return Ignored(event=_CREATED, reason="Chatwoot's own assistant wrote it")
    if sender and sender.type != "user":
        raise NotUnderstood("An outgoing message of an unknown kind of sender.")
    channel: Channel | None = CHANNELS.get(message.conversation.channel)
    if channel is None:
        return Ignored(event=_CREATED, reason=f"we do not listen to {message.conversation.channel[:60]}")
    return PersonMessage(
        account_id=message.account.id,
        inbox_id=message.inbox.id,
        channel=channel,
        chatwoot_conversation_id=message.conversation.id,
        chatwoot_message_id=message.id,
        contact_id=contact_id(message),
        author=(sender.name or "") if sender else "",
        text=message.content or "",
        sent_at=message.created_at,
    )


def _outgoing_updated(message: WireMessage) -> Event:
    if message.attributes.get("submitted_values"):
        if not submitted_text(message.attributes):
            raise NotUnderstood("An answer in the widget that cannot be read.")
        return _from_supplier(_UPDATED, message)
    error = message.attributes.get("external_error")
    status: DeliveryStatus | None = "failed" if error else _told_status(message)
    if status is None:
        return Ignored(event=_UPDATED, reason="its status cannot be told: a newer message is shown instead")
    # Every message is born "sent"; only the channel's own id for it says that it went out.
    if status == "sent" and not message.source_id:
        return Ignored(event=_UPDATED, reason="nothing new is told of it")
    return MessageStatusChange(
        account_id=message.account.id,
        chatwoot_message_id=message.id,
        delivery_key=_delivery_key(message),
        status=status,
        failure=str(error) if error else None,
    )


def _neither_in_nor_out(event: str, message: WireMessage) -> Ignored:
    if message.message_type == "template":
        return Ignored(event=event, reason="Chatwoot's own greeting, e-mail request or rating")
    if message.message_type == "activity":
        return Ignored(event=event, reason="a log line of the conversation")
    raise NotUnderstood(f"The message type {message.message_type[:60]!r} is unknown.")


def _told_status(message: WireMessage) -> DeliveryStatus | None:
    newest = message.newest_if_own
    status = newest.status if newest else None
    return cast(DeliveryStatus, status) if status in get_args(DeliveryStatus) else None


def _delivery_key(message: WireMessage) -> str | None:
    key = message.attributes.get(DELIVERY_KEY)
    return key if isinstance(key, str) and key else None


def _message_id(value: object) -> int | None:
    """The widget sends `in_reply_to` as a number or, from a form, as digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID else None


def _attachment(item: WireAttachment) -> Attachment:
    kind = item.file_type or "file"
    name, url = item.fallback_title or "", item.data_url
    if kind == "contact":
        card = item.meta or {}
        name = " ".join(str(part) for part in (card.get("firstName"), card.get("lastName"), name) if part)
    elif kind == "location" and item.coordinates_lat is not None and item.coordinates_long is not None:
        url = url or f"geo:{item.coordinates_lat},{item.coordinates_long}"
    elif not name and url:
        name = _file_name(url)
    return Attachment(name=name or kind, type=kind, size=item.file_size, url=url or None)


def _file_name(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path.rpartition("/")[2]).replace("\x00", "")
