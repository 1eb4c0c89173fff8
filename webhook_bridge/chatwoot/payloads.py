"""What a webhook of Chatwoot says, as one event: the only reader of its bodies.

A body is either understood or refused with `NotUnderstood`, never guessed at: an unknown event, a message without the
fields it must have, an id of the wrong type. `id` is never read without `event`, since it is a message's, a
conversation's, a contact's or a contact inbox's in turn.
"""

from typing import Any, TypeVar, cast, get_args

from pydantic import ValidationError

from webhook_bridge.chatwoot.decoding import NotUnderstood, decode
from webhook_bridge.chatwoot.events import ConversationChanged, ConversationStatus, Event, Ignored
from webhook_bridge.chatwoot.message_events import message_created, message_updated
from webhook_bridge.chatwoot.senders import CHANNELS
from webhook_bridge.chatwoot.wire import Wire, WireConversation, WireMessage

__all__ = ["NotUnderstood", "parse_event"]

MESSAGE_EVENTS = {"message_created": message_created, "message_updated": message_updated}

CONVERSATION_EVENTS = frozenset(
    {
        "conversation_created",
        "conversation_updated",
        "conversation_status_changed",
        # Only agent bots get these two.
        "conversation_opened",
        "conversation_resolved",
    }
)

IGNORED_EVENTS = {
    "contact_created": "a contact as such is no message",
    "contact_updated": "a contact as such is no message",
    "inbox_created": "inboxes are set up by people",
    "inbox_updated": "inboxes are set up by people",
    "webwidget_triggered": "the widget was opened; nothing was written",
    "conversation_typing_on": "someone is typing",
    "conversation_typing_off": "someone stopped typing",
    "macro.executed": "a macro ran; what it wrote comes as a message of its own",
}

_AUTOMATION_PREFIX = "automation_event."

_Shape = TypeVar("_Shape", bound=Wire)


def parse_event(raw_body: bytes) -> Event:
    """What the webhook with this body means. Raise `NotUnderstood`, and nothing else, if it cannot be told."""
    payload = decode(raw_body)
    event = payload.get("event")
    if not isinstance(event, str):
        raise NotUnderstood("It names no event.")
    if event in MESSAGE_EVENTS:
        return MESSAGE_EVENTS[event](_shaped(WireMessage, payload))
    if event in CONVERSATION_EVENTS:
        return _conversation_changed(event, _shaped(WireConversation, payload))
    if event in IGNORED_EVENTS:
        return Ignored(event=event, reason=IGNORED_EVENTS[event])
    if event.startswith(_AUTOMATION_PREFIX):
        return Ignored(event=event, reason="an automation ran; what it wrote comes as a message of its own")
    raise NotUnderstood(f"The event {event[:60]!r} is unknown.")


def _conversation_changed(event: str, conversation: WireConversation) -> ConversationChanged | Ignored:
    if conversation.channel not in CHANNELS:
        return Ignored(event=event, reason=f"we do not listen to {conversation.channel[:60]}")
    status = conversation.status
    if status not in get_args(ConversationStatus):
        return Ignored(event=event, reason=f"the status {status[:60]!r} means nothing to us")
    account_ids = [conversation.account.id] if conversation.account else []
    # A conversation stays in its account, so any message of it tells the account of servers before 4.14.2.
    account_ids += [message.account_id for message in conversation.messages if message.account_id]
    return ConversationChanged(
        account_id=account_ids[0] if account_ids else None,
        chatwoot_conversation_id=conversation.id,
        inbox_id=conversation.inbox_id,
        status=cast(ConversationStatus, status),
        assignee_type=conversation.assignee_type,
        assignee_id=conversation.assignee_id,
        changed_at=conversation.updated_at,
    )


def _shaped(shape: type[_Shape], payload: dict[str, Any]) -> _Shape:
    """`payload` read as `shape`; the refusal names places and rules, never values, which may be personal."""
    try:
        return shape.model_validate(payload)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5]]
        raise NotUnderstood("; ".join(faults)) from None
