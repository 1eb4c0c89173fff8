from collections.abc import Sequence

import pytest

from domain.errors import UpstreamError
from domain.understanding import Intent, ModelUsage, ReadingContext, Understanding
from graphs.reading.offline import OfflineReader
from graphs.reading.two_readers import TwoReaders
from graphs.reading.unavailable import ModelUnavailable
from tests.unit.graphs.reading.contexts import ASKED, context

CONFIRMS = Understanding(intent=Intent.CONFIRM_ORDER, order_ref="P00045")


class Says:
    """A model that answers what it is told to, or fails."""

    name = "says"

    def __init__(self, answer: Understanding | Exception) -> None:
        self.answer = answer

    async def read(self, messages: Sequence[str], context: ReadingContext) -> Understanding:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def read(answer: Understanding | Exception, words: str, *, binding_readers: int = 2) -> Understanding:
    both = TwoReaders(Says(answer), OfflineReader(), binding_readers=binding_readers)
    return await both.read([words], context(asked=ASKED))


async def test_what_both_read_alike_binds() -> None:
    assert await read(CONFIRMS, "confirmo") == CONFIRMS


@pytest.mark.parametrize("words", ["hola", "confirmo pero 10 bidones", "no confirmo", "[audio 0:04]", "confirmo la P00038"])
async def test_what_only_the_model_reads_takes_a_person(words: str) -> None:
    reading = await read(CONFIRMS, words)
    assert (reading.intent, reading.needs_human) == (Intent.CONFIRM_ORDER, True)
    assert "disagree" in (reading.reason or "") or "not on its values" in (reading.reason or "")


@pytest.mark.parametrize("intent", [Intent.MODIFY_ORDER, Intent.CANCEL_ORDER, Intent.NEW_QUOTE])
async def test_every_binding_intent_needs_both(intent: Intent) -> None:
    assert (await read(Understanding(intent=intent, order_ref="P00045"), "confirmo")).needs_human


async def test_what_binds_nobody_needs_only_the_model() -> None:
    answer = Understanding(intent=Intent.ORDER_STATUS, order_ref="P00045")
    assert await read(answer, "confirmo") == answer


async def test_one_reader_may_be_believed_alone() -> None:
    assert not (await read(CONFIRMS, "hola", binding_readers=1)).needs_human
    with pytest.raises(ValueError, match="1 or 2"):
        await read(CONFIRMS, "hola", binding_readers=3)


async def test_without_the_model_the_rules_read() -> None:
    reading = await read(UpstreamError("down"), "confirmo")
    assert (reading.intent, reading.order_ref) == (Intent.CONFIRM_ORDER, "P00045")


async def test_what_the_model_cost_is_told_whoever_read() -> None:
    usage = ModelUsage(model="gpt", input_tokens=8, output_tokens=2)
    assert (await read(ModelUnavailable("slow", usage=usage), "confirmo")).usage == usage
    assert (await read(CONFIRMS.model_copy(update={"usage": usage}), "hola")).usage == usage
    assert (await read(UpstreamError("down"), "confirmo")).usage is None


async def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        await read(ZeroDivisionError(), "confirmo")
