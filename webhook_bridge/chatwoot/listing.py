"""Messages found by reading (`GET …/messages`), told in the same events as those that come by webhook.

An account webhook that was lost never comes again, so reconciling reads conversations and must tell from them the same
texts, senders and ids; else one message would be stored as two, or one supplier become two. Hence one reading for both:
a listed message is put into the webhooks' shape first.
"""

from webhook_bridge.chatwoot.answers import ConversationState, ListedMessage
from webhook_bridge.chatwoot.events import Event, Ignored, MessageEdited
from webhook_bridge.chatwoot.message_events import message_created, message_updated
from webhook_bridge.chatwoot.wire import (
    WireAccount,
    WireConversation,
    WireInbox,
    WireMessage,
    WireMeta,
    WireNewest,
)


def events_of_listed(message: ListedMessage, conversation: ConversationState) -> tuple[Event, ...]:
    """What the webhooks of this message have said so far: that it was created, then what became of it.

    A deleted message gives only `MessageDeleted`: its words are gone. Times have whole seconds only. Raise
    `NotUnderstood` as `parse_event` does.
    """
    wire = _as_in_a_webhook(message, conversation)
    created = () if wire.attributes.get("deleted") is True else (message_created(wire),)
    updated = message_updated(wire)
    # The text as it reads now is in the first already.
    return created if isinstance(updated, Ignored | MessageEdited) else (*created, updated)


def _as_in_a_webhook(message: ListedMessage, conversation: ConversationState) -> WireMessage:
    return WireMessage(
        id=message.id,
        account=WireAccount(id=conversation.account_id),
        inbox=WireInbox(id=message.inbox_id),
        conversation=WireConversation(
            id=conversation.id,
            inbox_id=conversation.inbox_id,
            channel=conversation.channel,
            status=conversation.status,
            contact_inbox=conversation.contact_inbox,
            meta=WireMeta(sender=conversation.contact, assignee=conversation.assignee),
            updated_at=conversation.updated_at,
            # Here the status is the message's own, without a doubt.
            messages=(WireNewest(id=message.id, status=message.status),),
        ),
        message_type=message.message_type.name.lower(),
        private=message.private,
        content=message.content,
        content_type=message.content_type,
        content_attributes=message.content_attributes,
        sender=message.sender,
        source_id=message.source_id,
        attachments=message.attachments,
        created_at=message.created_at,
    )
