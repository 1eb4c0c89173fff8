"""Who somebody is, settled before the run: by what Odoo knows, else by a person. On both databases; Odoo is an address book."""

import asyncio
from typing import Any

import pytest

from domain.errors import NotFound, StaleAttempt, UpstreamError
from domain.identity import Channel
from domain.partners import Partner
from storage.audit import Audit
from storage.engine import Database
from storage.models import ContactPoint, Conversation, Message, OrderRecord, Supplier
from storage.operations import Operations
from storage.turns import Turns
from tests.integration.storage.test_merge import an_order
from tests.integration.webhook_bridge.identity_scene import (
    INTERVAL,
    MILL,
    NUTS,
    AddressBook,
    IdentityScene,
    a_phone,
    on_the_web,
    on_whatsapp,
)
from webhook_bridge.attempt import TurnMustWait
from webhook_bridge.link_questions import NoLongerAsked, WhichPartner


@pytest.fixture
def scene(database: Database) -> IdentityScene:
    return IdentityScene(database)


def knows(*numbers: int, partner: Any = MILL) -> dict[str, list[Any]]:
    return {a_phone(number): [partner] for number in numbers}


class TestOdooKnows:
    async def test_one_company_is_linked(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1)
        turn = await scene.settled(on_whatsapp(1))
        supplier = turn.conversation.supplier
        assert (supplier.odoo_partner_id, supplier.name, supplier.language) == (1, MILL.name, "pt")
        assert await scene.questions() == []
        async with scene.database.session() as session:
            [event] = await Audit(session).of("supplier", supplier.id)
        assert (event.actor, event.action, event.after, event.turn_id) == ("odoo", "linked", {"odoo_partner_id": 1}, turn.id)

    async def test_whoever_is_linked_is_not_looked_up_again(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1)
        await scene.settled(on_whatsapp(1))
        scene.odoo.is_down = True
        scene.clock.time += 2 * INTERVAL
        assert (await scene.settled(on_whatsapp(1))).conversation.supplier.odoo_partner_id == 1
        assert scene.odoo.asked == [a_phone(1)]

    async def test_a_language_we_do_not_write_is_not_taken_over(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1, partner=NUTS)
        assert (await scene.settled(on_whatsapp(1))).conversation.supplier.language == "es"

    async def test_five_phones_are_one_supplier_in_one_conversation(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1, 2, 3, 4, 5)
        turns = [await scene.settled(on_whatsapp(number)) for number in range(1, 6)]
        conversation = await scene.the_conversation()
        assert {turn.conversation_id for turn in turns} == {conversation.id}
        assert conversation.thread_id == turns[0].conversation.thread_id
        assert await scene.suppliers() == {MILL.name: 1}
        assert sorted(point.user_identifier for point in await scene.rows(ContactPoint)) == [a_phone(n) for n in range(1, 6)]
        # Each answers where it was asked.
        assert [turn.chatwoot_conversation_id for turn in turns] == [1, 2, 3, 4, 5]

    async def test_all_that_a_contact_writes_from_counts(self, scene: IdentityScene) -> None:
        """A number that Odoo does not have, and an address that it has."""
        scene.odoo.known = {"ventas@molino.cl": [MILL]}
        await scene.hear(on_whatsapp(1))
        mail = on_whatsapp(
            1, channel=Channel.EMAIL, email="ventas@molino.cl", phone=None, chatwoot_conversation_id=2, inbox_id=12
        )
        await scene.hear(mail)
        turn = await scene.linker.settle(await scene.claim())
        assert turn.conversation.supplier.odoo_partner_id == 1
        assert scene.odoo.asked == [a_phone(1), "ventas@molino.cl"]

    async def test_odoo_away_leaves_everything_for_the_next_attempt(self, scene: IdentityScene) -> None:
        scene.odoo = scene.linker._partners = AddressBook(**knows(1))
        scene.odoo.is_down = True
        await scene.hear(on_whatsapp(1))
        turn = await scene.claim()
        with pytest.raises(UpstreamError):
            await scene.linker.settle(turn)
        assert [point.looked_up_at for point in await scene.rows(ContactPoint)] == [None]
        assert await scene.questions() == []
        scene.odoo.is_down = False
        assert (await scene.linker.settle(turn)).conversation.supplier.odoo_partner_id == 1

    async def test_an_attempt_that_was_overtaken_settles_nothing(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1)
        await scene.hear(on_whatsapp(1))
        turn = await scene.claim()

        async def somebody_else_claims() -> None:
            scene.clock.time += 2 * INTERVAL
            await scene.claim()

        scene.odoo.meanwhile = somebody_else_claims
        with pytest.raises(StaleAttempt):
            await scene.linker.settle(turn)
        assert await scene.suppliers() == {"Contact 1": None}

    async def test_what_was_begun_stays_where_it_was_begun(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1, 2)
        await scene.settled(on_whatsapp(1))
        await scene.hear(on_whatsapp(2))
        turn = await scene.claim()
        async with scene.database.session() as session:
            await Operations(session).begin(key="k", turn_id=turn.id, attempt=turn.attempt, action="a", request={})
        settled = await scene.linker.settle(turn)
        assert settled.conversation_id == turn.conversation_id
        assert settled.conversation.supplier.odoo_partner_id is None


class TestAPersonIsAsked:
    async def test_once_for_each_supplier_and_odoo_not_again_at_once(self, scene: IdentityScene) -> None:
        for _ in range(3):
            await scene.settled(on_whatsapp(1))
        [question] = await scene.questions()
        assert question.proposal["candidates"] == []
        [point] = await scene.rows(ContactPoint)
        assert question.proposal["contact_points"] == [{"id": point.id, "channel": "whatsapp", "identifier": a_phone(1)}]
        assert a_phone(1) in question.question
        assert scene.odoo.asked == [a_phone(1)]
        scene.clock.time += INTERVAL
        await scene.settled(on_whatsapp(1))
        assert scene.odoo.asked == [a_phone(1)] * 2
        assert len(await scene.questions()) == 1

    async def test_of_several_companies(self, scene: IdentityScene) -> None:
        scene.odoo.known = {a_phone(1): [MILL, NUTS]}
        assert (await scene.settled(on_whatsapp(1))).conversation.supplier.odoo_partner_id is None
        [question] = await scene.questions()
        assert [(one["partner_id"], one["name"]) for one in question.proposal["candidates"]] == [(1, MILL.name), (2, NUTS.name)]

    @pytest.mark.parametrize("edit", [None, {}, {"odoo_partner_id": "1"}, {"odoo_partner_id": True}, {"text": "?"}])
    async def test_an_answer_that_names_nobody_is_none(self, scene: IdentityScene, edit: Any) -> None:
        scene.odoo.known = {a_phone(1): [MILL, NUTS]}
        await scene.settled(on_whatsapp(1))
        [question] = await scene.questions()
        with pytest.raises(WhichPartner):
            await scene.decide(question, "approve" if edit is None else "edit", edit=edit)
        assert [one.id for one in await scene.questions()] == [question.id]
        assert await scene.suppliers() == {"Contact 1": None}

    @pytest.mark.parametrize(("candidates", "answer"), [([MILL, NUTS], 2), ([], 1), ([MILL], None)])
    async def test_the_answer_links(self, scene: IdentityScene, candidates: list[Any], answer: int | None) -> None:
        scene.odoo.known = {a_phone(1): [MILL, NUTS]}
        await scene.settled(on_whatsapp(1))
        [question] = await scene.questions()
        async with scene.database.session() as session:
            stored = await session.get_one(type(question), question.id)
            stored.proposal = question.proposal | {"candidates": [one.to_json() for one in candidates]}
        edit = {"odoo_partner_id": answer} if answer else None
        decided = await scene.decide(question, "edit" if edit else "approve", edit=edit)
        assert decided.status == ("edited" if edit else "approved")
        [supplier] = await scene.rows(Supplier)
        assert supplier.odoo_partner_id == (answer or 1)
        async with scene.database.session() as session:
            assert [event.actor for event in await Audit(session).of("supplier", supplier.id)] == ["ana"]

    async def test_an_answer_that_odoo_does_not_know_changes_nothing(self, scene: IdentityScene) -> None:
        await scene.settled(on_whatsapp(1))
        [question] = await scene.questions()
        with pytest.raises(NotFound):
            await scene.decide(question, "edit", edit={"odoo_partner_id": 99})
        assert len(await scene.questions()) == 1

    async def test_the_answer_merges_with_whoever_is_that_company(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1)
        first = await scene.settled(on_whatsapp(1))
        await scene.settled(on_whatsapp(2))
        [question] = await scene.questions()
        decided = await scene.decide(question, "edit", edit={"odoo_partner_id": 1})
        assert (await scene.the_conversation()).id == first.conversation_id
        assert await scene.suppliers() == {MILL.name: 1}
        with pytest.raises(NoLongerAsked):
            async with scene.database.session() as session:
                await scene.linker.decided(session, decided, scene.clock.time)

    async def test_while_a_turn_is_answered_the_decision_has_to_be_taken_again(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1)
        await scene.settled(on_whatsapp(1))
        await scene.settled(on_whatsapp(2))
        [question] = await scene.questions()
        await scene.hear(on_whatsapp(1))
        running = await scene.claim()
        with pytest.raises(UpstreamError):
            await scene.decide(question, "edit", edit={"odoo_partner_id": 1})
        assert [one.id for one in await scene.questions()] == [question.id]
        await scene.end(running)
        await scene.decide(question, "edit", edit={"odoo_partner_id": 1})
        await scene.the_conversation()

    async def test_a_company_that_was_ruled_out_is_not_linked_later(self, scene: IdentityScene) -> None:
        scene.odoo.known = {a_phone(1): [MILL, NUTS]}
        await scene.settled(on_whatsapp(1))
        await scene.decide((await scene.questions())[0], "reject")
        scene.odoo.known = knows(1)
        scene.clock.time += INTERVAL
        assert (await scene.settled(on_whatsapp(1))).conversation.supplier.odoo_partner_id is None
        assert await scene.linker.identities_odoo_now_knows() == 0
        assert await scene.questions() == []

    async def test_whom_a_person_vouches_for_is_certain(self, scene: IdentityScene) -> None:
        await scene.settled(on_the_web(700, place=7))
        [point] = await scene.rows(ContactPoint)
        assert not point.is_proven
        await scene.decide((await scene.questions())[0], "edit", edit={"odoo_partner_id": 1})
        [point] = await scene.rows(ContactPoint)
        assert point.is_proven


class TestMerging:
    async def test_it_waits_while_the_known_one_is_answered(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1, 2)
        await scene.settled(on_whatsapp(1))
        await scene.hear(on_whatsapp(1))
        running = await scene.claim()
        await scene.hear(on_whatsapp(2))
        turn = await scene.claim()
        with pytest.raises(TurnMustWait):
            await scene.linker.settle(turn)
        assert await scene.suppliers() == {MILL.name: 1, "Contact 2": None}
        await scene.end(running)
        assert (await scene.linker.settle(turn)).conversation_id == running.conversation_id
        await scene.the_conversation()

    async def test_two_that_become_the_same_company_at_once(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1, 2)
        for number in (1, 2):
            await scene.hear(on_whatsapp(number))
        turns = [await scene.claim(), await scene.claim()]
        results = await asyncio.gather(*map(scene.linker.settle, turns), return_exceptions=True)
        waits = [turn for turn, result in zip(turns, results, strict=True) if isinstance(result, TurnMustWait)]
        assert len(waits) == 1, results
        await scene.end(next(turn for turn in turns if turn is not waits[0]))
        await scene.linker.settle(waits[0])
        await scene.the_conversation()
        assert await scene.suppliers() == {MILL.name: 1}

    async def test_words_that_come_while_odoo_is_asked_are_not_lost(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1, 2)
        await scene.settled(on_whatsapp(1))
        await scene.hear(on_whatsapp(2))
        turn = await scene.claim()
        scene.odoo.meanwhile = lambda: scene.hear(on_whatsapp(2))
        settled = await scene.linker.settle(turn)
        await scene.end(settled)
        conversation = await scene.the_conversation()
        rest = await scene.claim()
        assert rest.conversation_id == conversation.id
        assert {message.turn_id for message in await scene.rows(Message)} >= {settled.id, rest.id}

    async def test_two_orders_under_way_are_a_persons_to_sort_out(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1, 2)
        await scene.settled(on_whatsapp(1))
        await scene.hear(on_whatsapp(2))
        await orders_of_both(scene)
        settled = await scene.linker.settle(await scene.claim())
        assert settled.conversation.supplier.odoo_partner_id is None
        [question] = await scene.questions()
        assert question.proposal["reason"] == "two_active_orders"
        assert [one["partner_id"] for one in question.proposal["candidates"]] == [1]
        await scene.end(settled)
        with pytest.raises(Exception, match="under way"):
            await scene.decide(question)
        assert len(await scene.questions()) == 1
        await close_orders(scene)
        await scene.decide(question)
        assert await scene.suppliers() == {MILL.name: 1}


class TestOdooComesToKnow:
    async def test_they_are_linked_or_merged_and_nobody_need_answer(self, scene: IdentityScene) -> None:
        scene.odoo.known = knows(1)
        for number in (1, 2, 3, 4):
            await scene.settled(on_whatsapp(number))
        assert len(await scene.questions()) == 3
        scene.odoo.known = knows(1, 2) | knows(3, partner=NUTS)
        assert await scene.linker.identities_odoo_now_knows() == 0, "asked a moment ago"
        scene.clock.time += INTERVAL
        assert await scene.linker.identities_odoo_now_knows() == 2
        assert await scene.suppliers() == {MILL.name: 1, NUTS.name: 2, "Contact 4": None}
        assert len(await scene.questions()) == 1
        assert {(one.decided_by, one.decision["odoo_partner_id"]) for one in await scene.questions("expired")} == {
            ("odoo", 1),
            ("odoo", 2),
        }

    async def test_not_while_a_turn_runs_but_soon_after(self, scene: IdentityScene) -> None:
        await scene.settled(on_whatsapp(1))
        await scene.hear(on_whatsapp(1))
        running = await scene.claim()
        scene.odoo.known = knows(1)
        scene.clock.time += INTERVAL
        assert await scene.linker.identities_odoo_now_knows() == 0
        async with scene.database.session() as session:
            running = await Turns(session).get(running.id)
        await scene.end(running)
        assert await scene.linker.identities_odoo_now_knows() == 1

    async def test_odoo_away_costs_no_interval(self, scene: IdentityScene) -> None:
        await scene.settled(on_whatsapp(1))
        scene.odoo.known = knows(1)
        scene.clock.time += INTERVAL
        scene.odoo.is_down = True
        with pytest.raises(UpstreamError):
            await scene.linker.identities_odoo_now_knows()
        scene.odoo.is_down = False
        assert await scene.linker.identities_odoo_now_knows() == 1

    async def test_whoever_is_dealt_with_no_more_is_left_alone(self, scene: IdentityScene) -> None:
        await scene.settled(on_whatsapp(1))
        async with scene.database.session() as session:
            for conversation in [await session.get_one(Conversation, one.id) for one in await scene.rows(Conversation)]:
                conversation.is_active, conversation.ended_at = False, scene.clock.time
        scene.clock.time += INTERVAL
        asked = len(scene.odoo.asked)
        assert await scene.linker.identities_odoo_now_knows() == 0
        assert len(scene.odoo.asked) == asked

    async def test_three_bridges_ask_for_each_once(self, scene: IdentityScene) -> None:
        for number in range(1, 9):
            await scene.settled(on_whatsapp(number))
        for number in range(1, 9):
            scene.odoo.known |= knows(number, partner=Partner(partner_id=number, name=f"Company {number}"))
        scene.odoo.asked = []
        scene.clock.time += INTERVAL
        done = await asyncio.gather(*[scene.linker.identities_odoo_now_knows() for _ in range(3)])
        assert sorted(scene.odoo.asked) == [a_phone(number) for number in range(1, 9)]
        assert sum(done) == 8

    async def test_three_bridges_make_one_of_many(self, scene: IdentityScene) -> None:
        """Where two of them merge into one supplier at once, one gives way and tries again."""
        for number in range(1, 7):
            await scene.settled(on_whatsapp(number))
        scene.odoo.known = knows(*range(1, 7))
        scene.clock.time += INTERVAL
        done = 0
        while done < 6:
            done += sum(await asyncio.gather(*[scene.linker.identities_odoo_now_knows() for _ in range(3)]))
        assert done == 6
        assert await scene.suppliers() == {MILL.name: 1}
        await scene.the_conversation()


async def orders_of_both(scene: IdentityScene) -> None:
    for number, supplier in enumerate(await scene.rows(Supplier), start=70):
        await an_order(scene.database, supplier.id, number)


async def close_orders(scene: IdentityScene) -> None:
    async with scene.database.session() as session:
        (await session.get_one(OrderRecord, (await scene.rows(OrderRecord))[0].id)).state = "cancelled"
