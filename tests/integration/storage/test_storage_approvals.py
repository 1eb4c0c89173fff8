"""Decisions: taken once, however many take them at once, and everything that follows in one transaction or not at all."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import InvalidInput
from domain.plan import Action, Step, Verdict
from domain.understanding import Intent, Understanding
from storage.approvals import REPLY, AlreadyDecided, ApprovalNotFound, Approvals, Choice
from storage.audit import Audit
from storage.decisions import CannotBeEdited, UnknownKind, decide, words_behind
from storage.engine import Database
from storage.messages import Messages
from storage.models import Approval, Message, Turn
from storage.turns import Turns
from tests.integration.storage.scenes import LEASE, NOW, a_burst, a_conversation, an_inbound

STEP = Step(
    number=2,
    action=Action.CONFIRM_ORDER,
    verdict=Verdict.PROPOSE,
    rule="over_confirm_limit",
    reason="Too much.",
    arguments={"order_id": 7},
)


async def an_approval(database: Database, kind: str = REPLY, **proposal: Any) -> int:
    """Of a turn that has ended; answers its id."""
    async with database.session() as session:
        conversation = await a_conversation(session)
        turn_id = await a_burst(session, conversation)
        message_id = await Messages(session).add_once(an_inbound(conversation, chatwoot_message_id=1, turn_id=turn_id))
        turn = await session.get_one(Turn, turn_id)
        turn.status, turn.ended_at = "done", NOW
        approval = await Approvals(session).open_once(
            operation_key="key",
            conversation_id=conversation.id,
            turn_id=turn_id,
            kind=kind,
            question="?",
            proposal={"answers": message_id} | proposal,
        )
        return approval.id


async def a_reply(database: Database) -> int:
    return await an_approval(database, parts=["uno", "dos"])


async def an_effect(database: Database) -> int:
    understanding = Understanding(intent=Intent.CONFIRM_ORDER).to_json()
    step = STEP.to_json()
    return await an_approval(database, STEP.action, step=step, understanding=understanding, executable=True)


async def say(database: Database, approval_id: int, choice: str = "approve", **given: Any) -> Approval:
    async with database.session() as session:
        return await decide(session, approval_id, Choice(choice), by="api", now=NOW, **given)


async def outgoing(database: Database) -> list[Message]:
    async with database.session() as session:
        query = select(Message).where(Message.direction == "outbound").order_by(Message.id)
        return list(await session.scalars(query))


async def decisions(database: Database) -> list[Turn]:
    async with database.session() as session:
        return list(await session.scalars(select(Turn).where(Turn.kind == "decision")))


async def test_many_who_approve_at_once_let_it_happen_once(database: Database) -> None:
    reply = await a_reply(database)
    answers = await asyncio.gather(*(say(database, reply) for _ in range(8)))
    assert {answer.status for answer in answers} == {"approved"}
    assert [message.content for message in await outgoing(database)] == ["uno", "dos"]
    async with database.session() as session:
        facts = await Audit(session).of("approval", reply)
    assert [fact.action for fact in facts] == ["asked", "approved"]


async def test_of_two_who_disagree_the_second_is_told_so(database: Database) -> None:
    effect = await an_effect(database)
    answers = await asyncio.gather(say(database, effect), say(database, effect, "reject"), return_exceptions=True)
    [refused] = [answer for answer in answers if isinstance(answer, BaseException)]
    assert isinstance(refused, AlreadyDecided)
    [taken] = [answer for answer in answers if isinstance(answer, Approval)]
    assert len(await decisions(database)) == (1 if taken.status == "approved" else 0)
    assert len(await outgoing(database)) == (0 if taken.status == "approved" else 1)


async def test_what_was_decided_is_on_the_row(database: Database) -> None:
    reply = await a_reply(database)
    await say(database, reply, "edit", edit={"text": "otro"}, note="Mejor así.")
    async with database.session() as session:
        approval = await Approvals(session).get(reply)
    assert (approval.status, approval.decided_by, approval.decided_at) == ("edited", "api", NOW)
    assert approval.decision == {"edit": {"text": "otro"}, "note": "Mejor así."}
    assert (await say(database, reply, "edit", edit={"text": "otro"})).status == "edited"
    with pytest.raises(AlreadyDecided):
        await say(database, reply, "edit", edit={"text": "otra cosa"})
    assert [message.content for message in await outgoing(database)] == ["otro"]


async def test_an_approved_step_becomes_a_turn_that_is_due(database: Database) -> None:
    effect = await an_effect(database)
    await say(database, effect)
    async with database.session() as session:
        turn = await Turns(session).claim(now=NOW, lease=LEASE)
        assert turn is not None
        behind = await words_behind(session, turn)
    assert (turn.kind, turn.status, turn.attempt) == ("decision", "running", 1)
    assert (turn.account_id, turn.chatwoot_conversation_id) == (1, 7)
    assert turn.plan is not None
    [step] = turn.plan["steps"]
    assert (step["verdict"], step["number"], step["arguments"]) == ("do", 1, {"order_id": 7})
    assert step["facts"]["approval"] == effect
    assert [message.chatwoot_message_id for message in behind] == [1]


async def test_a_consequence_that_fails_undoes_the_decision(database: Database) -> None:
    link = await an_approval(database, "link_supplier")

    async def fails(session: AsyncSession, approval: Approval, now: Any) -> None:
        approval.question = "changed"
        raise InvalidInput("Not this one.")

    with pytest.raises(InvalidInput):
        await say(database, link, further={"link_supplier": fails})
    async with database.session() as session:
        approval = await Approvals(session).get(link)
    assert (approval.status, approval.question, approval.decided_at) == ("open", "?", None)


@pytest.mark.parametrize("choice", ["approve", "edit", "reject"])
async def test_further_kinds_have_their_own_consequences(database: Database, choice: str) -> None:
    link = await an_approval(database, "link_supplier")
    seen = []

    async def links(session: AsyncSession, approval: Approval, now: Any) -> None:
        seen.append((approval.status, approval.decision))

    edit = {"partner_id": 7} if choice == "edit" else None
    for _ in range(2):
        await say(database, link, choice, edit=edit, further={"link_supplier": links})
    assert len(seen) == 1
    assert await outgoing(database) == []


async def test_what_nobody_knows_a_consequence_of_is_closed(database: Database) -> None:
    told = await an_approval(database, "tell_person", step=STEP.to_json(), executable=False)
    with pytest.raises(CannotBeEdited):
        await say(database, told, "edit", edit={"text": "x"})
    assert (await say(database, told)).status == "approved"
    assert (await decisions(database), await outgoing(database)) == ([], [])


async def test_what_only_others_know_the_consequence_of_is_not_closed_without_it(database: Database) -> None:
    link = await an_approval(database, "link_supplier")
    with pytest.raises(UnknownKind):
        await say(database, link)
    async with database.session() as session:
        assert (await Approvals(session).get(link)).status == "open"


async def test_an_edit_belongs_to_the_decision_edit(database: Database) -> None:
    reply = await a_reply(database)
    for choice, edit in (("approve", {"text": "x"}), ("edit", None)):
        with pytest.raises(InvalidInput):
            await say(database, reply, choice, edit=edit)
    with pytest.raises(ApprovalNotFound):
        await say(database, reply + 1)
    assert await outgoing(database) == []


async def test_what_expired_cannot_be_approved_and_is_asked_anew_under_its_key(database: Database) -> None:
    reply = await a_reply(database)
    async with database.session() as session:
        turn_id = (await Approvals(session).get(reply)).turn_id
        assert turn_id is not None
        await Approvals(session).expire(turn_id, at=NOW)
    with pytest.raises(AlreadyDecided):
        await say(database, reply)
    async with database.session() as session:
        anew = await Approvals(session).open_once(
            operation_key="key", conversation_id=None, turn_id=turn_id, kind=REPLY, question="!", proposal={"parts": []}
        )
        assert (anew.id, anew.status, anew.question, anew.decided_at) == (reply, "open", "!", None)


async def test_what_was_decided_is_not_asked_anew(database: Database) -> None:
    reply = await a_reply(database)
    await say(database, reply, "reject")
    async with database.session() as session:
        asked = await Approvals(session).open_once(
            operation_key="key", conversation_id=None, turn_id=None, kind=REPLY, question="!", proposal={}
        )
    assert (asked.id, asked.status, asked.question) == (reply, "rejected", "?")
