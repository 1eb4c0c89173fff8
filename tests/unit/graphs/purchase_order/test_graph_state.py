"""The state of a run: plain JSON, no larger after thirty turns, and nothing in it of another turn or attempt."""

import json
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from domain.orders import OrderState
from domain.understanding import Intent, Understanding
from graphs.purchase_order.state import ConversationState
from storage.checkpointer import strict_serializer
from storage.models import Turn
from storage.turns import Turns
from tests.unit.graphs.purchase_order.scene import (
    LEASE,
    Scene,
    ScriptedReader,
    a_greeting,
    a_question,
    a_yes,
    an_offer,
    config_of,
    flour,
)


def check_plain(value: Any, where: str = "state") -> None:
    """Fail unless `value` is of JSON's own types exactly, and comes back from the strict serialiser as it went in.

    A StrEnum equals its text and msgpack would take it, but it comes back as another type: so types are compared.
    """
    if type(value) is dict:
        for key, inner in value.items():
            assert type(key) is str, f"{where} has the key {key!r}"
            check_plain(inner, f"{where}.{key}")
    elif type(value) is list:
        for number, inner in enumerate(value):
            check_plain(inner, f"{where}[{number}]")
    else:
        assert value is None or type(value) in (str, int, float, bool), f"{where} is a {type(value).__name__}"
    serializer = strict_serializer()
    kind, stored = serializer.dumps_typed(value)
    assert kind in ("msgpack", "null"), f"{where} was stored as {kind}"
    assert serializer.loads_typed((kind, stored)) == value
    assert json.loads(json.dumps(value)) == value


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize("value", [Colour.RED, Decimal(1), OrderState.SENT, {1: "a"}, ["a", ("b",)], UUID(int=1), a_greeting()])
def test_the_check_itself_fails_for_what_is_not_plain(value: Any) -> None:
    with pytest.raises(AssertionError):
        check_plain({"channel": value})


EVERY_KIND_OF_TURN = [
    an_offer(),
    an_offer(),
    a_yes(also=(Intent.ORDER_STATUS, Intent.BILLING_QUESTION)),
    a_yes(),
    a_question(),
    an_offer(flour(product="cemento")),
    an_offer(flour(price=None)),
    Understanding(intent=Intent.DELIVERY_UPDATE, delivery_date="2026-12-01", lines=(flour(),)),
    Understanding(intent=Intent.UNCLEAR, reason="What?", confidence=0.3),
    a_greeting(),
]


async def test_every_value_of_every_channel_is_plain_json(scene: Scene) -> None:
    scene.reader = ScriptedReader(*EVERY_KIND_OF_TURN)
    seen: set[str] = set()
    for number in range(len(EVERY_KIND_OF_TURN)):
        await scene.hear(f"message {number}", files=number % 2)
        held = await scene.claim()
        thread = (await scene.turn(held.turn_id)).conversation.thread_id
        given = {"turn_id": held.turn_id, "attempt": held.attempt}
        async for kind, update in scene.graph.astream(given, config_of(thread), stream_mode=["updates", "values"]):
            check_plain(update, str(kind))
            seen |= set(update) if kind == "values" else set()
        snapshot = await scene.graph.aget_state(config_of(thread))
        check_plain(snapshot.values)
        seen |= set(snapshot.values)
    assert seen >= set(ConversationState.__annotations__) - {"turn_id", "attempt", "supplier"}
    stored = {kind for kind, _ in scene.saver.blobs.values()}
    assert "msgpack" in stored
    assert stored <= {"msgpack", "null", "empty"}, "no pickle"


async def test_thirty_turns_leave_a_checkpoint_no_larger_than_ten_did(scene: Scene) -> None:
    scene.reader = ScriptedReader(an_offer(), a_question())
    sizes = []
    for _ in range(30):
        result = await scene.answer("¿En qué está la orden P00001?", "¿Cuándo llega?")
        thread = (await scene.turn(result["turn"]["id"])).conversation.thread_id
        values = (await scene.graph.aget_state(config_of(thread))).values
        sizes.append(len(strict_serializer().dumps_typed(values)[1]))
        assert len(values["messages"]) <= 10
    # Ids may get a digit longer; nothing else may.
    assert max(sizes[10:]) <= sizes[9] + 40, sizes


async def test_what_an_earlier_run_left_on_the_thread_is_never_believed(scene: Scene) -> None:
    """The checkpoint holds another turn's plan, order and outcomes; they bind nothing and are told to nobody."""
    reader = scene.reader = ScriptedReader(an_offer(), a_greeting(language="en"))
    foreign = await scene.answer("20 sacos a 17900")
    await scene.odoo.cancel_order(1, partner_id=1)
    thread = (await scene.turn(foreign["turn"]["id"])).conversation.thread_id
    left = (await scene.graph.aget_state(config_of(thread))).values
    poison = left | {
        "plan": {"steps": [*left["plan"]["steps"], {**left["plan"]["steps"][0], "number": 2}]},
        "outcomes": [{"step": 1, "kind": "confirm_purchase_order.confirmed", "facts": {"order": left["order"]}}],
        "turn": left["turn"] | {"id": 999, "attempt": 7, "partner_id": 2, "mode": "auto", "supplier_id": str(UUID(int=9))},
        "reply": ["poison"],
        "status": "running",
        "burst": ["poison"],
        "files": 9,
        "opened_by_agent": True,
    }
    assert set(poison) == set(ConversationState.__annotations__) - {"turn_id", "attempt", "supplier"}
    await scene.graph.aupdate_state(config_of(thread), poison, as_node="message_dispatcher")

    result = await scene.answer("Hello")

    assert result["status"] == "done"
    assert reader.asked[1][0] == ("Hello",)
    assert [step["action"] for step in result["plan"]["steps"]] == ["smalltalk"]
    assert result["reply"] == ["Hello! I am the purchasing assistant. How can I help you with your quotes or orders?"]
    assert (result["turn"]["partner_id"], result["turn"]["attempt"]) == (1, 1)
    assert len(await scene.orders()) == 1
    assert "poison" not in str(result) + str((await scene.graph.aget_state(config_of(thread))).values)


async def test_the_input_of_a_run_that_was_killed_is_not_taken_for_the_next_ones(scene: Scene) -> None:
    """A run dies in its very first node; then someone writes over the SDK on the same thread, without a turn id."""
    scene.reader = ScriptedReader(a_greeting())
    await scene.hear("Hola")
    held = await scene.claim()
    conversation = (await scene.turn(held.turn_id)).conversation
    scene.killed_by = RuntimeError("killed")
    with pytest.raises(RuntimeError, match="killed"):
        await scene.run(held)
    scene.killed_by = None
    async with scene.database.session() as session:
        await Turns(session).give_back(
            held.turn_id, held.attempt, error="killed", retry_at=scene.now + 9 * LEASE, max_attempts=5, now=scene.now
        )

    said = {"messages": [{"role": "user", "content": "¿Hay alguien?"}], "supplier": str(conversation.supplier_id)}
    result = await scene.invoke(said, thread_id=conversation.thread_id)

    assert result["status"] == "done"
    assert result["turn"]["id"] != held.turn_id
    values = (await scene.graph.aget_state(config_of(conversation.thread_id))).values
    assert {values.get(name) for name in ("turn_id", "attempt", "supplier")} == {None}
    assert [turn.status for turn in await scene.rows(Turn)] == ["waiting", "done"]
