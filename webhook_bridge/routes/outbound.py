"""`POST /outbound/send`: people and programs of the house write to a supplier. 202: it is queued, and will be sent.

The message may open the conversation, and the Chatwoot conversation too: the contact is searched there or created, which
delivery does (`webhook_bridge.opening`), so that a Chatwoot that is down loses nothing.
"""

from typing import Self
from uuid import UUID, uuid4

from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import InvalidInput
from domain.identity import Channel, normal_email, normal_phone
from domain.value import Value
from storage.messages import Messages
from webhook_bridge.bridge import Bridge
from webhook_bridge.http import body_as
from webhook_bridge.outbound import Destination, queue_message
from webhook_bridge.views import message_view


class Contact(Value):
    """Someone to write to: a phone for WhatsApp, an address for e-mail."""

    phone: str | None = None
    email: str | None = None
    name: str = ""


class OutboundRequest(Value):
    """Exactly one of `conversation_id`, `supplier` and `contact` says to whom; the latter needs the `channel`."""

    content: str = Field(min_length=1, max_length=20_000)
    idempotency_key: str | None = Field(default=None, min_length=1, max_length=200)
    conversation_id: UUID | None = None
    supplier: UUID | None = None
    contact: Contact | None = None
    channel: Channel | None = None

    @model_validator(mode="after")
    def _one_receiver(self) -> Self:
        receivers = [self.conversation_id, self.supplier, self.contact]
        if sum(receiver is not None for receiver in receivers) != 1:
            raise ValueError("give exactly one of conversation_id, supplier and contact")
        if self.contact is not None and self.channel not in (Channel.WHATSAPP, Channel.EMAIL):
            raise ValueError("a contact is written to by channel whatsapp or email")
        return self

    def destination(self) -> Destination:
        """Raise `InvalidInput` for a phone or address that is none."""
        contact = self.contact or Contact()
        phone, email = normal_phone(contact.phone), normal_email(contact.email)
        if self.contact is not None and not (phone if self.channel is Channel.WHATSAPP else email):
            raise InvalidInput("A contact needs a phone number for whatsapp, an address for email.")
        return Destination(
            conversation_id=self.conversation_id,
            supplier_id=self.supplier,
            channel=self.channel,
            phone=phone,
            email=email,
            name=contact.name,
        )


def routes(bridge: Bridge) -> list[Route]:
    """The one door out that is not a turn's."""

    async def send(request: Request) -> Response:
        wanted = await body_as(request, OutboundRequest)
        async with bridge.database.session() as session:
            message_id = await queue_message(
                session,
                wanted.destination(),
                content=wanted.content,
                idempotency_key=wanted.idempotency_key or str(uuid4()),
                account_id=bridge.account_id,
                mode=bridge.settings.mode,
                now=bridge.now(),
            )
        bridge.wake.ring()
        async with bridge.database.session() as session:
            return JSONResponse(message_view(await Messages(session).get(message_id)), status_code=202)

    return [Route("/outbound/send", send, methods=["POST"])]
