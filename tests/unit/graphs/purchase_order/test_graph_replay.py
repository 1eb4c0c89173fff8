"""A turn that is run again, wherever its first attempt ended, does nothing twice and changes its mind about nothing.

The reader is a scripted stand-in that would answer something else the second time.
"""

from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig

from domain.errors import StaleAttempt
from domain.orders import OrderState
from domain.understanding import Intent, Understanding
from graphs.purchase_order.node import bound
from graphs.purchase_order.nodes.message_reader import message_reader
from storage.models import Approval, Message, Operation, OrderRecord, Turn
from tests.unit.graphs.purchase_order.scene import NODES, Scene, ScriptedReader, a_yes, an_offer, flour, walk


@pytest.mark.parametrize("got_to", range(2, 5))
async def test_a_second_attempt_carries_out_the_stored_plan(scene_on_both: Scene, got_to: int) -> None:
    scene = scene_on_both
    reader = scene.reader = ScriptedReader(an_offer(), an_offer(flour("999")), Understanding(intent=Intent.UNCLEAR))
    await scene.hear("20 sacos a 17900")
    first = await walk(scene, await scene.claim(), *NODES[:got_to])

    result = await scene.run(await scene.claim())

    assert result["status"] == "done"
    assert len(reader.asked) == 1
    assert result["turn"]["attempt"] == 2
    assert (result["plan"], result["understanding"]) == (first["plan"], first["understanding"])
    [order] = await scene.orders()
    assert [line.quantity for line in order.lines] == [20]
    [operation] = await scene.rows(Operation)
    assert (operation.status, operation.attempt) == ("done", 1 if got_to > 2 else 2)
    assert scene.odoo.calls == ["create_rfq", "send_rfq"], "what is recorded is replayed, not done again"
    assert len(await scene.outgoing()) == 1
    assert len(await scene.rows(OrderRecord)) == 1


async def test_a_reader_that_was_not_heard_to_the_end_is_asked_again(scene: Scene) -> None:
    reader = scene.reader = ScriptedReader(an_offer(flour("7")), an_offer())
    await scene.hear("20 sacos a 17900")
    await walk(scene, await scene.claim(), message_reader)
    await scene.run(await scene.claim())
    assert len(reader.asked) == 1
    [order] = await scene.orders()
    assert [line.quantity for line in order.lines] == [7]


async def test_a_turn_that_ended_is_not_run_again(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer())
    await scene.hear("20 sacos a 17900")
    held = await scene.claim()
    await scene.run(held)
    again = await scene.run(held)
    assert again["status"] == "stale"
    assert len(await scene.outgoing()) == 1
    assert scene.odoo.calls == ["create_rfq", "send_rfq"]


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("reading", [an_offer(), Understanding(intent=Intent.MODIFY_ORDER)], ids=["effect", "approval"])
async def test_a_stale_attempt_ends_at_every_node_without_effect(scene: Scene, at: int, reading: Understanding) -> None:
    scene.reader = ScriptedReader(reading)
    await scene.hear("20 sacos a 17900")
    late = await scene.claim()
    state = await walk(scene, late, *NODES[:at])
    before = await traces(scene)
    await scene.claim()

    assert await bound(NODES[at], scene.provide).ainvoke(state, RunnableConfig()) == {"status": "stale"}

    assert await traces(scene) == before
    assert (await scene.turn(late.turn_id)).status == "running"


async def traces(scene: Scene) -> Any:
    """All that a run may leave behind, in the tables and in Odoo."""
    turns = [(turn.plan, turn.understanding, turn.draft) for turn in await scene.rows(Turn)]
    messages = [(message.id, message.status) for message in await scene.rows(Message)]
    counts = [len(await scene.rows(table)) for table in (Operation, Approval, OrderRecord)]
    return turns, messages, counts, await scene.orders()


async def test_two_runs_of_one_turn_at_once_answer_it_once(scene: Scene) -> None:
    """The first attempt comes to the end of its effect when the second has already been through."""
    scene.reader = ScriptedReader(an_offer(), an_offer(flour("999")))
    await scene.hear("20 sacos a 17900")
    state = await walk(scene, await scene.claim(), *NODES[:3])
    await scene.run(await scene.claim())
    for node in NODES[3:]:
        with pytest.raises(StaleAttempt):
            await node(state, scene.services)
    assert len(await scene.orders()) == 1
    assert len(await scene.outgoing()) == 1


async def test_an_order_that_has_gone_further_than_the_step_is_told_as_it_is(scene: Scene) -> None:
    """Between the attempts a person confirmed the RFQ in Odoo and the goods came."""
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    await scene.hear("Confirmo P00001")
    await walk(scene, await scene.claim(), *NODES[:2])
    await scene.odoo.confirm_order(1, partner_id=1)
    await scene.odoo.mark_received(1, partner_id=1)
    result = await scene.run(await scene.claim())
    assert result["status"] == "done"
    assert "está recibida" in result["reply"][0]


async def test_a_refusal_is_told_even_if_its_order_has_ended_by_the_second_attempt(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_yes())
    await scene.answer("20 sacos a 17900")
    await scene.answer("Confirmo P00001")
    await scene.hear("Confirmo P00001")
    first = await walk(scene, await scene.claim(), *NODES[:2])
    assert first["plan"]["steps"][0]["rule"] == "confirmed_before"
    await scene.odoo.mark_received(1, partner_id=1)
    again = await scene.run(await scene.claim())
    assert again["reply"] == ["La orden P00001 ya está confirmada; no hace falta nada más."]
    third = await scene.answer("Confirmo P00001")
    assert third["reply"] == ["La orden P00001 ya está recibida; no hace falta nada más."]
    assert (await scene.orders())[0].state is OrderState.RECEIVED
