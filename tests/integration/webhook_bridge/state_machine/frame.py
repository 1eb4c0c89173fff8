"""The frame of the machine: how a step is played, what is looked at after each, and how a run ends."""

import functools
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.integration.webhook_bridge.state_machine import promises
from tests.integration.webhook_bridge.state_machine.promises import Seen
from tests.integration.webhook_bridge.state_machine.settling import settle_everything
from tests.integration.webhook_bridge.state_machine.stage import Stage

R = TypeVar("R")

#: "The n-th of those there are", whatever their number.
which = st.integers(0, 5)


def only_when(holds: Callable[[Any], bool]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A step that does nothing unless this holds.

    Not hypothesis' own `precondition`: that makes what is drawn depend on how things stand, and how two programs that run at
    once stand is not always the same when a run is repeated on a busy machine.
    """

    def guarded(step: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(step)
        def taken(self: Any, *args: Any, **drawn: Any) -> None:
            if holds(self):
                step(self, *args, **drawn)

        return taken

    return guarded


class Frame(RuleBasedStateMachine):
    """`stage` is set by the test that runs the machine."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = False
        #: Chatwoot conversations in which a person of the team acted.
        self.touched: set[int] = set()
        #: Words that no sweep can find any more: nobody heard them within its look-back.
        self.beyond_recall: set[int] = set()
        self._before: Seen | None = None

    def play(self, work: Coroutine[Any, Any, R]) -> R:
        """Do it, and let everything it set going come to rest; whoever came to a fault point is dead then."""

        async def played() -> R:
            result = await work
            await self.stage.loop.settle()
            for name in await self.stage.bury_the_dead():
                note(f"{name} died")
            return result

        return self.stage.loop.run_until_complete(played())

    def pass_time(self, by: timedelta) -> None:
        self.stage.clock.advance(by)
        self.play(nothing())

    def see(self) -> Seen:
        return self.play(Seen(self.stage).look())

    @invariant()
    def promises_hold(self) -> None:
        if not self.has_begun:
            return
        seen = self.see()
        for promise in promises.AFTER_EVERY_STEP:
            promise(seen)
        if self._before is not None:
            for change in promises.FROM_STEP_TO_STEP:
                change(self._before, seen)
        self._before = seen

    def teardown(self) -> None:
        if not self.has_begun:
            return
        try:
            self._before = None
            self.play(settle_everything(self.stage))
            self.promises_hold()
            seen = self.see()
            promises.every_word_is_stored(seen, beyond_recall=self.beyond_recall)
            promises.every_word_read_was_answered(seen, touched=self.touched)
            for promise in promises.AT_THE_END:
                promise(seen)
        finally:
            self.play(self.stage.end())


async def nothing() -> None:
    """Only let things come to rest."""
