"""Where a message goes in Chatwoot; opened there if the supplier has no Chatwoot conversation yet.

The contact is searched by its exact number or address and created only if there is none; an open Chatwoot conversation of
that contact on that inbox is used again. So trying this twice opens nothing twice, short of Chatwoot losing its memory.
"""

from sqlalchemy.orm import joinedload

from domain.identity import Channel
from storage.engine import Database
from storage.models import ContactPoint, Message
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.failures import ChatwootMisconfigured, ChatwootNotFound, ChatwootRejected

_CHANNEL_TYPES = {
    Channel.WHATSAPP: "Channel::Whatsapp",
    Channel.EMAIL: "Channel::Email",
    Channel.WEB: "Channel::WebWidget",
    Channel.API: "Channel::Api",
}


class Opener:
    """Finds or opens the Chatwoot conversation of an outgoing message. `inbox_ids` empty: any inbox of the channel."""

    def __init__(self, *, database: Database, chatwoot: ChatwootClient, account_id: int, inbox_ids: frozenset[int]) -> None:
        self._database = database
        self._chatwoot = chatwoot
        self._account_id = account_id
        self._inbox_ids = inbox_ids

    async def destination(self, message: Message) -> tuple[int, int]:
        """The account and Chatwoot conversation, stored on the message. Raises the errors of `chatwoot.failures`."""
        if message.account_id is not None and message.chatwoot_conversation_id is not None:
            return message.account_id, message.chatwoot_conversation_id
        async with self._database.session() as session:
            point = await session.get(ContactPoint, message.contact_point_id, options=[joinedload(ContactPoint.supplier)])
        if point is None:
            raise ChatwootRejected("The message has neither a Chatwoot conversation nor a contact to write to.")
        account_id = point.account_id or self._account_id
        inbox_id = point.chatwoot_inbox_id or await self._inbox_for(Channel(point.channel), account_id)
        contact_id, conversation_id = await self._place(point, account_id, inbox_id)
        async with self._database.session() as session:
            stored_point = await session.get_one(ContactPoint, point.id)
            stored_point.chatwoot_contact_id, stored_point.chatwoot_inbox_id = contact_id, inbox_id
            stored = await session.get_one(Message, message.id)
            stored.account_id, stored.chatwoot_conversation_id = account_id, conversation_id
            stored.chatwoot_inbox_id = inbox_id
        return account_id, conversation_id

    async def _inbox_for(self, channel: Channel, account_id: int) -> int:
        for inbox in await self._chatwoot.list_inboxes(account_id=account_id):
            if inbox.channel_type == _CHANNEL_TYPES.get(channel) and (not self._inbox_ids or inbox.id in self._inbox_ids):
                return inbox.id
        raise ChatwootMisconfigured(f"No inbox of CHATWOOT_INBOX_IDS carries {channel}.")

    async def _contact(self, point: ContactPoint, account_id: int, inbox_id: int) -> int:
        found = await self._chatwoot.search_contacts(account_id=account_id, phone=point.phone, email=point.email)
        if found:
            return found[0].id
        created = await self._chatwoot.create_contact(
            account_id=account_id, inbox_id=inbox_id, name=point.supplier.name, phone=point.phone, email=point.email
        )
        return created.contact.id

    async def _place(self, point: ContactPoint, account_id: int, inbox_id: int) -> tuple[int, int]:
        """The contact, and its Chatwoot conversation on the inbox."""
        if point.chatwoot_contact_id is not None:
            try:
                known = await self._conversation(account_id, inbox_id, point.chatwoot_contact_id)
            except ChatwootNotFound:
                pass  # Deleted or merged into another contact: look for it again.
            else:
                return point.chatwoot_contact_id, known
        contact_id = await self._contact(point, account_id, inbox_id)
        return contact_id, await self._conversation(account_id, inbox_id, contact_id)

    async def _conversation(self, account_id: int, inbox_id: int, contact_id: int) -> int:
        """The contact's newest open or pending one on the inbox, else a new one."""
        for listed in await self._chatwoot.conversations_of(account_id=account_id, contact_id=contact_id):
            if listed.inbox_id == inbox_id and listed.status in ("open", "pending"):
                return listed.id
        # Answers the contact's place on the inbox, made if it is not there.
        place = await self._chatwoot.create_contact_inbox(account_id=account_id, contact_id=contact_id, inbox_id=inbox_id)
        created = await self._chatwoot.create_conversation(
            account_id=account_id, inbox_id=inbox_id, contact_id=contact_id, source_id=place.source_id
        )
        return created.id
