"""What the model cost is kept on the turn, once for each reading, whatever becomes of the attempt."""

import pytest

from domain.understanding import ModelUsage, Understanding
from storage.models import Turn
from tests.unit.graphs.purchase_order.scene import Scene, ScriptedReader, a_greeting, an_offer
from tools.odoo.port import OdooUnavailable

COST = ModelUsage(model="gpt", input_tokens=800, output_tokens=90)
ONCE = {"gpt": {"input": 800, "output": 90}}
TWICE = {"gpt": {"input": 1600, "output": 180}}


def costing(reading: Understanding, cost: ModelUsage = COST) -> Understanding:
    return reading.model_copy(update={"usage": cost})


async def usage(scene: Scene) -> object:
    [turn] = await scene.rows(Turn)
    return turn.usage


async def test_a_reading_by_a_model(scene_on_both: Scene) -> None:
    scene_on_both.reader = ScriptedReader(costing(a_greeting()))
    await scene_on_both.hear("hola")
    state = await scene_on_both.run(await scene_on_both.claim())
    assert await usage(scene_on_both) == ONCE
    assert "usage" not in state["understanding"]
    [turn] = await scene_on_both.rows(Turn)
    assert turn.understanding is not None
    assert "usage" not in turn.understanding


async def test_a_reading_without_a_model_costs_nothing(scene: Scene) -> None:
    scene.reader = ScriptedReader(a_greeting())
    await scene.hear("hola")
    await scene.run(await scene.claim())
    assert await usage(scene) is None


async def test_an_attempt_that_repeats_asks_and_counts_no_more(scene: Scene) -> None:
    scene.reader = ScriptedReader(costing(an_offer()))
    await scene.hear("20 sacos a 17900")
    scene.odoo.lost_answers = ["create_rfq"]
    with pytest.raises(OdooUnavailable):
        await scene.run(await scene.claim())
    await scene.run(await scene.claim())
    assert await usage(scene) == ONCE


async def test_what_was_spent_before_a_failure_is_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Odoo is away while the plan is made: the words are read again, and both readings were paid for."""
    scene.reader = ScriptedReader(costing(an_offer()))
    await scene.hear("20 sacos a 17900")

    async def away(*_: object, **__: object) -> None:
        raise OdooUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr("graphs.purchase_order.nodes.intent_classifier.make_plan", away)
        with pytest.raises(OdooUnavailable):
            await scene.run(await scene.claim())
    assert await usage(scene) == ONCE
    await scene.run(await scene.claim())
    assert await usage(scene) == TWICE


def test_each_model_is_counted_by_itself() -> None:
    other = ModelUsage(model="mini", input_tokens=1, output_tokens=2)
    assert other.added_to(ONCE) == ONCE | {"mini": {"input": 1, "output": 2}}
    assert ONCE == {"gpt": {"input": 800, "output": 90}}, "what was counted before is not changed in place"
    assert COST.added_to(None) == ONCE
