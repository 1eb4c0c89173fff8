"""What the stand-in remembers, in Chatwoot's words: contacts, contact inboxes, conversations, messages, subscriptions.

Mutable on purpose: they are rows. Times are UTC. `Conversation.id` is Chatwoot's `display_id`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Literal

from pydantic import BaseModel, Field

SenderType = Literal["Contact", "User", "AgentBot"]
ConversationStatus = Literal["open", "resolved", "pending", "snoozed"]
SubscriptionKind = Literal["account", "api_inbox", "agent_bot"]
MessageState = Literal["sent", "delivered", "read", "failed"]


class MessageType(IntEnum):
    """The integers of REST and of `conversation.messages[]`; the top level of a webhook uses the lower-cased name."""

    INCOMING = 0
    OUTGOING = 1
    ACTIVITY = 2
    TEMPLATE = 3


@dataclass(frozen=True)
class Inbox:
    """One of the four inboxes that exist from the start. `kind` is the word of the control routes."""

    id: int
    kind: str
    channel: str
    name: str


INBOXES: tuple[Inbox, ...] = (
    Inbox(11, "whatsapp", "Channel::Whatsapp", "WhatsApp Compras"),
    Inbox(12, "email", "Channel::Email", "Correo Compras"),
    Inbox(13, "web", "Channel::WebWidget", "Web Compras"),
    Inbox(14, "api", "Channel::Api", "API Compras"),
)


@dataclass(frozen=True)
class Member:
    """Who acts in the account: a user or the agent bot."""

    kind: Literal["User", "AgentBot"]
    id: int
    name: str
    email: str = ""


class Contact(BaseModel):
    """A person outside the company. Phone in E.164; phone and e-mail are often unknown."""

    id: int
    name: str
    phone_number: str | None = None
    email: str | None = None
    identifier: str | None = None
    blocked: bool = False
    additional_attributes: dict[str, Any] = Field(default_factory=dict)
    custom_attributes: dict[str, Any] = Field(default_factory=dict)
    created_at: datetime
    updated_at: datetime
    last_activity_at: datetime | None = None


class ContactInbox(BaseModel):
    """A contact as one inbox knows it: `source_id` is the digits of a phone, a mail address or a uuid."""

    id: int
    contact_id: int
    inbox_id: int
    source_id: str
    hmac_verified: bool = False
    pubsub_token: str
    created_at: datetime
    updated_at: datetime


class Conversation(BaseModel):
    """Chatwoot's conversation."""

    id: int
    uuid: str
    inbox_id: int
    contact_id: int
    contact_inbox_id: int
    status: ConversationStatus = "open"
    assignee_type: Literal["User", "AgentBot"] | None = None
    assignee_id: int | None = None
    team_id: int | None = None
    priority: str | None = None
    labels: list[str] = Field(default_factory=list)
    additional_attributes: dict[str, Any] = Field(default_factory=dict)
    custom_attributes: dict[str, Any] = Field(default_factory=dict)
    snoozed_until: datetime | None = None
    first_reply_created_at: datetime | None = None
    waiting_since: datetime | None = None
    agent_last_seen_at: datetime | None = None
    assignee_last_seen_at: datetime | None = None
    contact_last_seen_at: datetime | None = None
    last_activity_at: datetime
    created_at: datetime
    updated_at: datetime


class StoredFile(BaseModel):
    """The bytes of a file (base64), under the key of its address. With `redirect` that address leads elsewhere."""

    id: int
    key: str
    name: str
    content_type: str
    content: str
    redirect: str | None = None
    missing: bool = False


class Attachment(BaseModel):
    """One attachment of a message; which fields say something depends on `file_type`."""

    id: int
    file_type: str
    extension: str | None = None
    content_type: str | None = None
    data_url: str | None = None
    thumb_url: str = ""
    file_size: int | None = None
    width: int | None = None
    height: int | None = None
    transcribed_text: str = ""
    latitude: float | None = None
    longitude: float | None = None
    fallback_title: str | None = None
    card: dict[str, Any] = Field(default_factory=dict)


class Message(BaseModel):
    """One message, private note or activity. `sender_*` are None for activities."""

    id: int
    conversation_id: int
    inbox_id: int
    message_type: MessageType
    content: str | None
    content_type: str = "text"
    content_attributes: dict[str, Any] = Field(default_factory=dict)
    additional_attributes: dict[str, Any] = Field(default_factory=dict)
    private: bool = False
    status: MessageState = "sent"
    source_id: str | None = None
    sender_type: SenderType | None = None
    sender_id: int | None = None
    attachments: list[Attachment] = Field(default_factory=list)
    created_at: datetime
    updated_at: datetime


class Subscription(BaseModel):
    """A webhook of the account, of the API inbox or of an agent bot. The secret is the server's, as Chatwoot's is.

    Only an account's names its events. An agent bot's with `inbox_id` None has all inboxes.
    """

    id: int
    url: str
    name: str = ""
    subscriptions: list[str] = Field(default_factory=list)
    secret: str
    kind: SubscriptionKind = "account"
    inbox_id: int | None = None


Record = Contact | ContactInbox | Conversation | Message | Subscription | StoredFile | Attachment
RECORD_TYPES: tuple[type[Record], ...] = (Contact, ContactInbox, Conversation, Message, Subscription, StoredFile, Attachment)
