"""What a webhook of Chatwoot can mean to us: one value for each meaning, whatever the channel.

`parse_event` gives exactly one of them for each webhook. Ids are Chatwoot's: a message's id is unique in the
installation, a conversation's is its `display_id`, unique in the account.
"""

from datetime import datetime
from typing import Literal

from domain.identity import Channel, Sender
from domain.value import Value

DeliveryStatus = Literal["sent", "delivered", "read", "failed"]
ConversationStatus = Literal["open", "resolved", "pending", "snoozed"]


class Attachment(Value):
    """A file or the like. `type` is Chatwoot's `file_type`; `size` is in bytes; `url` redirects to Chatwoot's storage.

    A location's `url` is a `geo:` URI (RFC 5870); a contact card has no `url`, and its phone number is in `name`.
    """

    name: str
    type: str
    size: int | None = None
    url: str | None = None


class SupplierMessage(Value):
    """A supplier's words. `kind` is `submitted` for the answer to a question of ours, under that question's message id.

    `text` is empty when there are only attachments; of a mail it is what is new in it, without the quoted tail.
    `assignee_type` is `User`, `AgentBot` or None, as the conversation stood when Chatwoot sent this; `state_at` is when it
    last changed.
    """

    account_id: int
    inbox_id: int
    channel: Channel
    chatwoot_conversation_id: int
    conversation_status: ConversationStatus
    assignee_type: str | None
    assignee_id: int | None
    chatwoot_message_id: int
    kind: Literal["created", "submitted"]
    sender: Sender
    text: str
    subject: str | None = None
    attachments: tuple[Attachment, ...] = ()
    sent_at: datetime
    state_at: datetime
    auto_reply: bool = False
    in_reply_to: int | None = None


class PersonMessage(Value):
    """A person of the team wrote to the supplier, in Chatwoot or in the phone's own app (then `author` is empty)."""

    account_id: int
    inbox_id: int
    channel: Channel
    chatwoot_conversation_id: int
    chatwoot_message_id: int
    contact_id: int
    author: str
    text: str
    sent_at: datetime


class OwnEcho(Value):
    """Our own message, told back to us: proof that Chatwoot has it, never a new message.

    `delivery_key` is the key we sent with it, None if it had none; `status` is None when it cannot be told.
    """

    account_id: int
    chatwoot_message_id: int
    delivery_key: str | None
    status: DeliveryStatus | None = None


class MessageStatusChange(Value):
    """What became of an outgoing message. `delivery_key` is None for a message that is not ours."""

    account_id: int
    chatwoot_message_id: int
    delivery_key: str | None
    status: DeliveryStatus
    failure: str | None = None


class MessageEdited(Value):
    """A supplier's message as it reads now: a voice note got its transcript, say. Chatwoot's people cannot edit a text."""

    account_id: int
    chatwoot_message_id: int
    text: str


class MessageDeleted(Value):
    """Someone deleted a message in Chatwoot; its text is gone there."""

    account_id: int
    chatwoot_message_id: int


class ConversationChanged(Value):
    """The state of a Chatwoot conversation: whose it is now.

    `account_id` is None when the server does not say (before 4.14.2, in a conversation without messages); `changed_at` too.
    """

    account_id: int | None
    chatwoot_conversation_id: int
    inbox_id: int
    status: ConversationStatus
    assignee_type: str | None
    assignee_id: int | None = None
    changed_at: datetime | None = None


class Ignored(Value):
    """Understood, and of no consequence to us; `reason` says why."""

    event: str
    reason: str


Event = (
    SupplierMessage
    | PersonMessage
    | OwnEcho
    | MessageStatusChange
    | MessageEdited
    | MessageDeleted
    | ConversationChanged
    | Ignored
)
