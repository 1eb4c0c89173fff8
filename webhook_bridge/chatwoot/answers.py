"""What Chatwoot's REST API answers, as far as we use it (`_message.json.jbuilder`, `_conversation.json.jbuilder`).

Unlike in webhooks, `message_type` is a number and times are unix seconds. A conversation's id is its `display_id`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, cast, get_args

from pydantic import AliasPath, ConfigDict, Field, StrictBool, StrictStr, field_validator

from webhook_bridge.chatwoot.events import ConversationChanged, ConversationStatus
from webhook_bridge.chatwoot.wire import Id, UtcTime, Wire, WireAttachment, WireContactInbox, WirePerson


class Answer(Wire):
    """Chatwoot adds keys with every release: what we do not name is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class MessageType(IntEnum):
    """`message_type` as REST has it."""

    INCOMING = 0
    OUTGOING = 1
    ACTIVITY = 2
    TEMPLATE = 3


class ListedMessage(Answer):
    """A message of a conversation, notes and log lines among them. `created_at` is UTC, in whole seconds."""

    id: Id
    conversation_id: Id
    inbox_id: Id
    message_type: MessageType
    private: StrictBool
    content: StrictStr | None = None
    content_type: StrictStr | None = None
    content_attributes: dict[str, Any] = Field(default_factory=dict)
    status: StrictStr | None = None
    source_id: StrictStr | None = None
    sender: WirePerson | None = None
    attachments: tuple[WireAttachment, ...] = ()
    created_at: datetime

    @field_validator("content_attributes", mode="before")
    @classmethod
    def _never_null(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("created_at", mode="before")
    @classmethod
    def _from_unix(cls, value: Any) -> Any:
        return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and 0 <= value < 2**35 else value

    @property
    def delivery_key(self) -> str | None:
        """The key that we sent with it, if it is ours. A deletion wipes it, and so does Chatwoot's own retry."""
        key = self.content_attributes.get("bridge_message_id")
        return key if isinstance(key, str) and key else None


class Contact(Answer):
    """A contact; phone, e-mail and identifier as Chatwoot keeps them."""

    id: Id
    name: StrictStr | None = None
    email: StrictStr | None = None
    phone_number: StrictStr | None = None
    identifier: StrictStr | None = None


class CreatedContact(Answer):
    """A new contact, and how it is known on the inbox it was made for (None without an inbox)."""

    contact: Contact
    source_id: StrictStr | None = Field(default=None, validation_alias=AliasPath("contact_inbox", "source_id"))


class ContactInbox(Answer):
    """How a contact is known on an inbox: needed to open a conversation there."""

    source_id: StrictStr


class ConversationState(Answer):
    """A conversation as it is now. `channel` is Chatwoot's (`Channel::Whatsapp` …); `assignee` a user or agent bot."""

    id: Id
    account_id: Id
    inbox_id: Id
    status: StrictStr
    channel: StrictStr = Field(validation_alias=AliasPath("meta", "channel"))
    contact: WirePerson = Field(validation_alias=AliasPath("meta", "sender"))
    assignee: WirePerson | None = Field(default=None, validation_alias=AliasPath("meta", "assignee"))
    assignee_kind: StrictStr | None = Field(default=None, validation_alias=AliasPath("meta", "assignee_type"))
    hmac_verified: StrictBool | None = Field(default=None, validation_alias=AliasPath("meta", "hmac_verified"))
    can_reply: StrictBool = True
    last_activity_at: int = 0
    updated_at: UtcTime | None = None
    last_message: Mapping[str, Any] | None = Field(default=None, validation_alias=AliasPath("messages", 0))
    last_non_activity_message: Mapping[str, Any] | None = None

    @property
    def contact_inbox(self) -> WireContactInbox:
        """The contact on this inbox. Only the last message tells its `source_id`, and with none it is None."""
        nested = (self.last_message or {}).get("conversation")
        nested = nested.get("contact_inbox") if isinstance(nested, dict) else None
        source_id = nested.get("source_id") if isinstance(nested, dict) else None
        return WireContactInbox(
            contact_id=self.contact.id,
            source_id=source_id if isinstance(source_id, str) else None,
            hmac_verified=self.hmac_verified,
        )

    def told(self) -> ConversationChanged | None:
        """The state as a webhook would tell it; None for a status that means nothing to us."""
        if self.status not in get_args(ConversationStatus):
            return None
        kind = self.assignee_kind or (self.assignee and ("AgentBot" if self.assignee.type == "agent_bot" else "User"))
        return ConversationChanged(
            account_id=self.account_id,
            chatwoot_conversation_id=self.id,
            inbox_id=self.inbox_id,
            status=cast(ConversationStatus, self.status),
            assignee_type=kind,
            assignee_id=self.assignee.id if self.assignee else None,
            changed_at=self.updated_at,
        )


class CreatedConversation(Answer):
    """A new conversation, or the last one where the inbox keeps to a single conversation."""

    id: Id
    inbox_id: Id | None = None


class StatusAnswer(Answer):
    """What `toggle_status` answers."""

    current_status: ConversationStatus


class Inbox(Answer):
    """An inbox that the token's user may see."""

    id: Id
    name: StrictStr
    channel_type: StrictStr


class Webhook(Answer):
    """An account webhook. `secret` is None where the server does not sign (before 4.11.2)."""

    id: Id
    url: StrictStr
    subscriptions: tuple[StrictStr, ...] = ()
    secret: StrictStr | None = Field(default=None, repr=False)


class ProfileAccount(Answer):
    """An account of the user, with the role there (`administrator` or `agent`)."""

    id: Id
    role: StrictStr | None = None


class Profile(Answer):
    """Whose token it is. The answer also holds the token itself, which is not taken over."""

    id: Id
    name: StrictStr | None = None
    email: StrictStr | None = None
    accounts: tuple[ProfileAccount, ...] = ()
