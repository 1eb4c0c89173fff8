"""The events of the stand-in, by name: each queues one webhook whose payload is built when its job runs."""

from typing import Any

from sandbox.chatwoot.payloads import (
    contact_webhook,
    conversation_webhook,
    member_webhook,
    message_webhook,
)
from sandbox.chatwoot.records import Contact, ContactInbox, Conversation, Member, Message, MessageType
from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.chatwoot.widget import widget_webhook

#: `{attribute: (before, after)}`, as `changed_attributes` tells it.
Changes = dict[str, tuple[Any, Any]]


def message_created(sandbox: ChatwootSandbox, message: Message) -> None:
    """A message was written. Activities never reach a webhook; private notes do."""
    _message(sandbox, "message_created", message)


def message_updated(sandbox: ChatwootSandbox, message: Message) -> None:
    """Status, `source_id` or content changed, or the message was deleted."""
    _message(sandbox, "message_updated", message)


def conversation_created(sandbox: ChatwootSandbox, conversation: Conversation) -> None:
    """A Chatwoot conversation began."""
    _conversation(sandbox, "conversation_created", conversation, {})


def conversation_updated(sandbox: ChatwootSandbox, conversation: Conversation, changes: Changes) -> None:
    """One of the watched attributes changed; `changes` says which."""
    _conversation(sandbox, "conversation_updated", conversation, {"changed_attributes": _told(changes)})


def conversation_status_changed(sandbox: ChatwootSandbox, conversation: Conversation) -> None:
    """The status changed. Chatwoot reads the change after the save, so `changed_attributes` is null."""
    _conversation(sandbox, "conversation_status_changed", conversation, {"changed_attributes": None})


def conversation_opened_or_resolved(sandbox: ChatwootSandbox, conversation: Conversation) -> None:
    """What agent bots are told beside the change of status."""
    _conversation(
        sandbox, "conversation_opened" if conversation.status == "open" else "conversation_resolved", conversation, {}
    )


def contact_created(sandbox: ChatwootSandbox, contact: Contact) -> None:
    """A contact was made."""
    sandbox.webhooks.emit("contact_created", lambda: contact_webhook(sandbox, contact))


def contact_updated(sandbox: ChatwootSandbox, contact: Contact, changes: Changes) -> None:
    """A contact changed; also on every incoming message, for `last_activity_at`."""
    told = _told(changes)
    sandbox.webhooks.emit("contact_updated", lambda: contact_webhook(sandbox, contact) | {"changed_attributes": told})


def typing(sandbox: ChatwootSandbox, conversation: Conversation, by: Member | Contact, *, on: bool, private: bool) -> None:
    """Someone began or ended typing; the caller's own toggling is echoed too."""
    sandbox.webhooks.emit(
        "conversation_typing_on" if on else "conversation_typing_off",
        lambda: {
            "user": member_webhook(by) if isinstance(by, Member) else contact_webhook(sandbox, by),
            "conversation": conversation_webhook(sandbox, conversation),
            "is_private": private,
        },
        inbox_id=conversation.inbox_id,
    )


def widget_opened(sandbox: ChatwootSandbox, visitor: ContactInbox, conversation: Conversation | None) -> None:
    """A visitor opened the web widget; `conversation` is the one he returns to."""
    sandbox.webhooks.emit(
        "webwidget_triggered", lambda: widget_webhook(sandbox, visitor, conversation), inbox_id=visitor.inbox_id
    )


def _message(sandbox: ChatwootSandbox, event: str, message: Message) -> None:
    if message.message_type is not MessageType.ACTIVITY:
        sandbox.webhooks.emit(event, lambda: message_webhook(sandbox, message), inbox_id=message.inbox_id)


def _conversation(sandbox: ChatwootSandbox, event: str, conversation: Conversation, more: dict[str, Any]) -> None:
    sandbox.webhooks.emit(event, lambda: conversation_webhook(sandbox, conversation) | more, inbox_id=conversation.inbox_id)


def _told(changes: Changes) -> list[dict[str, Any]]:
    return [{attribute: {"previous_value": before, "current_value": after}} for attribute, (before, after) in changes.items()]
