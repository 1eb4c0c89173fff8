"""Two readers, one answer: what would bind the company needs the model and the rules to read the same.

The model reads better; the rules cannot be talked into anything. So the model's reading is the answer, but one that binds
stands only where the rules independently read the same intent, order, values and date; else a person decides. Where the model
gives no answer, the rules' own reading is the answer.
"""

from collections.abc import Sequence

import structlog

from domain.errors import UpstreamError
from domain.understanding import Intent, Reader, ReadingContext, Understanding, same_binding_reading
from graphs.reading.unavailable import ModelUnavailable

_log = structlog.get_logger(__name__)

BINDING = frozenset({Intent.CONFIRM_ORDER, Intent.MODIFY_ORDER, Intent.CANCEL_ORDER, Intent.NEW_QUOTE})


class TwoReaders:
    """A `Reader` over two. `binding_readers` is how many must agree on what binds: 2, or 1 to believe the model alone."""

    def __init__(self, model: Reader, offline: Reader, *, binding_readers: int = 2) -> None:
        if binding_readers not in (1, 2):
            raise ValueError("binding_readers is 1 or 2")
        self.name = f"{model.name}+{offline.name}"
        self._model = model
        self._offline = offline
        self._binding_readers = binding_readers

    async def read(self, messages: Sequence[str], context: ReadingContext) -> Understanding:
        """Raises what the offline reader raises, which is nothing."""
        try:
            reading = await self._model.read(messages, context)
        except UpstreamError as error:
            _log.warning("model_unavailable", reader=self._model.name, error=error.code, detail=error.detail)
            spent = error.usage if isinstance(error, ModelUnavailable) else None
            return (await self._offline.read(messages, context)).model_copy(update={"usage": spent})
        if reading.intent not in BINDING or reading.needs_human or self._binding_readers == 1:
            return reading
        second = await self._offline.read(messages, context)
        if same_binding_reading(reading, second):
            return reading
        _log.info("readers_disagree", reader=self._model.name, intent=reading.intent, second_intent=second.intent)
        reason = f"The two readers disagree: {reading.intent} and {second.intent}."
        if second.intent is reading.intent:
            reason = f"The two readers agree on {reading.intent} but not on its values."
        return reading.model_copy(update={"needs_human": True, "reason": reason})
