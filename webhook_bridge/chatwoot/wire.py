"""The shapes of Chatwoot's webhooks, as far as we read them (v4.16: `message.rb`, `event_data_presenter.rb`).

What decides anything (ids, type, privacy, time) is strict: an id sent as text is refused, not guessed. What is not
named here may be there or not. Only the top level describes the event's own message: `conversation.messages[0]` is the
newest public message at the time the job ran, and often another one.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictStr

MAX_ID = 2**63 - 1
"""Chatwoot's ids are Postgres bigints, and so are our columns for them."""


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("out of range") from None


Id = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]
UtcTime = Annotated[datetime, AfterValidator(_in_utc)]


class Wire(BaseModel):
    """Chatwoot adds keys with every release: what we do not name is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WireAccount(Wire):
    """The account (tenant) of Chatwoot."""

    id: Id


class WireInbox(Wire):
    """The inbox; its channel type is not here but in `conversation.channel`."""

    id: Id


class WirePerson(Wire):
    """A contact, user or bot. `type` is absent for the contact who sent a message, and only for contacts."""

    id: Id
    type: StrictStr | None = None
    name: StrictStr | None = None
    email: StrictStr | None = None
    phone_number: StrictStr | None = None
    identifier: StrictStr | None = None


class WireContactInbox(Wire):
    """A contact on an inbox. `source_id` is how the channel itself knows them."""

    contact_id: Id
    source_id: StrictStr | None = None
    hmac_verified: StrictBool | None = None


class WireMeta(Wire):
    """Who takes part. `assignee_type` exists since 4.8.0."""

    sender: WirePerson | None = None
    assignee: WirePerson | None = None
    assignee_type: StrictStr | None = None


class WireNewest(Wire):
    """`conversation.messages[0]`: tells of the event's message only when the ids are the same."""

    id: Id
    account_id: Id | None = None
    status: StrictStr | None = None
    updated_at: UtcTime | None = None


class WireConversation(Wire):
    """The conversation, nested in message events and the whole payload of conversation events."""

    id: Id
    inbox_id: Id
    channel: StrictStr
    status: StrictStr
    contact_inbox: WireContactInbox | None = None
    meta: WireMeta
    messages: tuple[WireNewest, ...] = ()
    account: WireAccount | None = None
    updated_at: UtcTime | None = None

    @property
    def assignee_type(self) -> str | None:
        """`User`, `AgentBot` or None; servers before 4.8.0 leave it to be told from the assignee."""
        assignee = self.meta.assignee
        if self.meta.assignee_type or assignee is None:
            return self.meta.assignee_type or None
        return "AgentBot" if assignee.type == "agent_bot" else "User"

    @property
    def assignee_id(self) -> int | None:
        """The id of the user or agent bot it is assigned to; the two number independently."""
        return self.meta.assignee.id if self.meta.assignee else None


class WireAttachment(Wire):
    """`attachment.rb#push_event_data`; which keys there are depends on `file_type`."""

    file_type: StrictStr | None = None
    data_url: StrictStr | None = None
    file_size: Annotated[int, Field(strict=True, ge=0, le=MAX_ID)] | None = None
    fallback_title: StrictStr | None = None
    coordinates_lat: float | None = None
    coordinates_long: float | None = None
    meta: dict[str, Any] | None = None


class WireMessage(Wire):
    """`message_created` and `message_updated`."""

    id: Id
    account: WireAccount
    inbox: WireInbox
    conversation: WireConversation
    message_type: StrictStr
    private: StrictBool
    content: StrictStr | None = None
    content_type: StrictStr | None = None
    content_attributes: dict[str, Any] | None = None
    additional_attributes: dict[str, Any] | None = None
    sender: WirePerson | None = None
    source_id: StrictStr | None = None
    attachments: tuple[WireAttachment, ...] | None = None
    created_at: UtcTime

    @property
    def attributes(self) -> dict[str, Any]:
        """`content_attributes`, never None."""
        return self.content_attributes or {}

    @property
    def newest_if_own(self) -> WireNewest | None:
        """`messages[0]` if it is this very message: the one place that tells its status."""
        newest = self.conversation.messages[:1]
        return newest[0] if newest and newest[0].id == self.id else None
