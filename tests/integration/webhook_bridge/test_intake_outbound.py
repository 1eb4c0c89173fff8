"""Messages that nobody's turn asked for: to whom they go, that a key sends once, and that the answer finds its supplier."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from domain.errors import InvalidInput
from domain.identity import Channel
from domain.keys import requested_delivery_key
from domain.modes import AgentMode
from storage.conversations import ConversationNotFound
from storage.engine import Database
from storage.messages import Messages
from storage.models import ContactPoint, Conversation, Message, Supplier
from storage.suppliers import SupplierNotFound, Suppliers
from tests.integration.storage.scenes import a_sender
from tests.integration.webhook_bridge.intake_scenes import NOW, PHONE, a_mail, a_persons, an_intake, rows, words
from webhook_bridge.outbound import Destination, KeyUsedBefore, NoContactPoint, ShadowMode, queue_message

WHATSAPP = Destination(channel=Channel.WHATSAPP, phone=PHONE, name="Molino")
MAIL = Destination(channel=Channel.EMAIL, email="ventas@molino.cl")


async def send(
    database: Database, to: Destination, *, key: str = "k", content: str = "Buenos días", mode: AgentMode = AgentMode.AUTO
) -> int:
    async with database.session() as session:
        return await queue_message(session, to, content=content, idempotency_key=key, account_id=1, mode=mode, now=NOW)


async def message(database: Database, message_id: int) -> Message:
    async with database.session() as session:
        return await Messages(session).get(message_id)


async def count(database: Database, table: type[Any]) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def known(database: Database, *events: Any) -> Conversation:
    for event in events:
        assert await an_intake(database).take(event) == "stored"
    [conversation] = await rows(database, Conversation)
    found: Conversation = conversation
    return found


class TestToSomebodyUnknown:
    async def test_it_opens_supplier_and_conversation_and_waits_for_chatwoot(self, database: Database) -> None:
        queued = await message(database, await send(database, WHATSAPP))
        assert (queued.direction, queued.status, queued.author, queued.content) == (
            "outbound",
            "queued",
            "agent",
            "Buenos días",
        )
        assert (queued.account_id, queued.chatwoot_conversation_id, queued.chatwoot_inbox_id) == (None, None, None)
        assert (queued.delivery_key, queued.next_attempt_at) == (requested_delivery_key("k"), NOW)
        async with database.session() as session:
            supplier = (await session.scalars(select(Supplier))).one()
            point = (await session.scalars(select(ContactPoint))).one()
        assert (supplier.name, supplier.odoo_partner_id) == ("Molino", None)
        assert (point.user_identifier, point.phone, point.last_inbound_at, point.id) == (
            PHONE,
            PHONE,
            None,
            queued.contact_point_id,
        )

    @pytest.mark.parametrize(("to", "answer"), [(WHATSAPP, words()), (MAIL, a_mail())], ids=["whatsapp", "email"])
    async def test_the_answer_joins_the_same_supplier_and_conversation(
        self, database: Database, to: Destination, answer: Any
    ) -> None:
        queued = await message(database, await send(database, to))
        conversation = await known(database, answer)
        assert conversation.id == queued.conversation_id
        assert (await count(database, Supplier), await count(database, ContactPoint)) == (1, 1)

    async def test_a_first_answer_and_a_first_message_at_once_make_one_supplier(self, database: Database) -> None:
        intake = an_intake(database)
        sent = [send(database, WHATSAPP, key=f"k{number}") for number in range(10)]
        heard = [intake.take(words(100 + number)) for number in range(10)]
        await asyncio.gather(*[one for pair in zip(sent, heard, strict=True) for one in pair])
        assert (await count(database, Supplier), await count(database, Conversation)) == (1, 1)
        assert await count(database, Message) == 20

    async def test_a_contact_needs_a_channel(self, database: Database) -> None:
        with pytest.raises(InvalidInput, match="channel"):
            await send(database, Destination(phone=PHONE))
        assert await count(database, Supplier) == 0


class TestTheKey:
    async def test_a_repeat_answers_the_first_and_sends_nothing(self, database: Database) -> None:
        first = await send(database, WHATSAPP, content="one")
        assert await send(database, WHATSAPP, content="one") == first
        assert [stored.content for stored in await rows(database, Message)] == ["one"]
        assert await count(database, Supplier) == 1

    async def test_another_key_is_another_message(self, database: Database) -> None:
        assert await send(database, WHATSAPP) != await send(database, WHATSAPP, key="K")
        assert await count(database, Message) == 2

    async def test_twenty_at_once_send_one(self, database: Database) -> None:
        answers = await asyncio.gather(*[send(database, WHATSAPP) for _ in range(20)])
        assert len(set(answers)) == 1
        tables = (Message, Supplier, ContactPoint, Conversation)
        assert [await count(database, table) for table in tables] == [1, 1, 1, 1]

    async def test_twenty_at_once_to_a_known_supplier_send_one(self, database: Database) -> None:
        conversation = await known(database, words())
        to = Destination(conversation_id=conversation.id)
        assert len(set(await asyncio.gather(*[send(database, to) for _ in range(20)]))) == 1
        assert await count(database, Message) == 2

    async def test_for_another_text_or_receiver_it_is_refused(self, database: Database) -> None:
        first = await send(database, WHATSAPP)
        supplier_id = (await message(database, first)).conversation.supplier_id
        other = await message(database, await send(database, MAIL, key="other"))
        for to, content in [
            (WHATSAPP, "Otra cosa"),
            (MAIL, "Buenos días"),
            (Destination(channel=Channel.WHATSAPP, phone="+56961230199"), "Buenos días"),
            (Destination(supplier_id=other.conversation.supplier_id), "Buenos días"),
            (Destination(supplier_id=uuid4()), "Buenos días"),
            (Destination(conversation_id=other.conversation_id), "Buenos días"),
            (Destination(supplier_id=supplier_id, channel=Channel.EMAIL), "Buenos días"),
        ]:
            with pytest.raises(KeyUsedBefore):
                await send(database, to, content=content)
        assert await send(database, Destination(supplier_id=supplier_id)) == first
        assert await count(database, Message) == 2


class TestTheMode:
    async def test_in_shadow_nothing_is_queued_nor_anybody_made_known(self, database: Database) -> None:
        with pytest.raises(ShadowMode):
            await send(database, WHATSAPP, mode=AgentMode.SHADOW)
        assert [await count(database, table) for table in (Message, Supplier, Conversation)] == [0, 0, 0]

    async def test_a_supplier_may_be_in_shadow_alone(self, database: Database) -> None:
        conversation = await known(database, words())
        async with database.session() as session:
            (await session.get_one(Supplier, conversation.supplier_id)).mode = AgentMode.SHADOW
        with pytest.raises(ShadowMode):
            await send(database, Destination(supplier_id=conversation.supplier_id))

    async def test_in_assist_a_person_has_asked_for_it(self, database: Database) -> None:
        assert (await message(database, await send(database, WHATSAPP, mode=AgentMode.ASSIST))).status == "queued"


class TestToSomebodyKnown:
    async def test_it_goes_where_the_supplier_wrote_from(self, database: Database) -> None:
        conversation = await known(database, words(), words(101, chatwoot_conversation_id=9))
        for to in (
            Destination(conversation_id=conversation.id),
            Destination(supplier_id=conversation.supplier_id),
            WHATSAPP,
        ):
            queued = await message(database, await send(database, to, key=str(to)))
            assert (queued.conversation_id, queued.channel) == (conversation.id, "whatsapp")
            assert (queued.account_id, queued.chatwoot_conversation_id, queued.chatwoot_inbox_id) == (1, 9, 11)

    async def test_without_a_channel_the_one_heard_of_last_is_used(self, database: Database) -> None:
        later = NOW + timedelta(hours=1)
        conversation = await known(database, a_mail(sent_at=later), words())
        for to, channel, where in (
            (Destination(conversation_id=conversation.id), "email", 8),
            (Destination(conversation_id=conversation.id, channel=Channel.WHATSAPP), "whatsapp", 7),
            (Destination(supplier_id=conversation.supplier_id, channel=Channel.EMAIL), "email", 8),
        ):
            queued = await message(database, await send(database, to, key=str(to)))
            assert (queued.channel, queued.chatwoot_conversation_id) == (channel, where)

    async def test_one_never_heard_of_gives_way_to_one_that_was(self, database: Database) -> None:
        conversation = await known(database, words())
        async with database.session() as session:
            never = await Suppliers(session).contact_point_of(a_sender(channel=Channel.EMAIL, email="nuevo@molino.cl"))
            assert never.supplier_id == conversation.supplier_id
        queued = await message(database, await send(database, Destination(supplier_id=conversation.supplier_id)))
        assert queued.channel == "whatsapp"

    async def test_a_persons_words_do_not_say_where_the_supplier_is(self, database: Database) -> None:
        """A person may write in another Chatwoot conversation of the same dealing; the contact's own is what counts."""
        conversation = await known(database, words(), a_mail(), a_persons(chatwoot_conversation_id=8, inbox_id=12))
        to = Destination(conversation_id=conversation.id, channel=Channel.WHATSAPP)
        assert (await message(database, await send(database, to))).chatwoot_conversation_id == 7

    async def test_it_neither_pauses_the_agent_nor_closes_a_burst(self, database: Database) -> None:
        conversation = await known(database, words())
        await send(database, Destination(conversation_id=conversation.id))
        [present] = await rows(database, Conversation)
        assert present.handled_by == "bot"
        assert [stored.status for stored in await rows(database, Message)] == ["received", "queued"]

    async def test_no_contact_point_on_the_channel_asked_for(self, database: Database) -> None:
        conversation = await known(database, words())
        for to in (
            Destination(conversation_id=conversation.id, channel=Channel.EMAIL),
            Destination(supplier_id=conversation.supplier_id, channel=Channel.WEB),
        ):
            with pytest.raises(NoContactPoint):
                await send(database, to)
        assert await count(database, Message) == 1

    async def test_an_sdk_caller_cannot_be_written_to(self, database: Database) -> None:
        async with database.session() as session:
            caller = a_sender(channel=Channel.SDK, account_id=0, phone=None)
            point = await Suppliers(session).contact_point_of(caller, heard_at=NOW)
        for channel in (None, Channel.SDK):
            with pytest.raises(NoContactPoint):
                await send(database, Destination(supplier_id=point.supplier_id, channel=channel))

    @pytest.mark.parametrize(("field", "error"), [("conversation_id", ConversationNotFound), ("supplier_id", SupplierNotFound)])
    async def test_who_is_not_there_is_not_written_to(self, database: Database, field: str, error: type[Exception]) -> None:
        nobody: dict[str, UUID] = {field: uuid4()}
        with pytest.raises(error):
            await send(database, Destination(**nobody))  # type: ignore[arg-type]
