"""Named places around commits and foreign calls, where the crash tests kill a process.

Production never arms one (`po_agent/settings.py` refuses it), and an unarmed point is one comparison. Each name says what has
happened just before it: after a kill there, a restart must neither lose nor repeat anything.
"""

import os
import signal
from collections.abc import Callable

POINTS = (
    "intake.before_commit",
    "intake.after_commit",
    "turns.claimed",
    "turns.run_created",
    "turns.run_noted",
    "graph.plan_stored",
    "operations.begun",
    "operations.done_on_odoo",
    "operations.finished",
    "graph.reply_drafted",
    "graph.dispatch_before_commit",
    "graph.dispatched",
    "delivery.claimed",
    "delivery.before_post",
    "delivery.posted",
    "delivery.recorded",
)

_armed: str | None = None
_passes_left = 0


def arm(point: str, *, passes: int = 0, fire: Callable[[], None] | None = None) -> None:
    """Die, as by `kill -9`, at `point`, after letting it pass `passes` times. Raise `ValueError` for an unknown point."""
    global _armed, _passes_left, _fire
    if point not in POINTS:
        raise ValueError(f"There is no fault point {point!r}. Known: {', '.join(POINTS)}.")
    _armed, _passes_left, _fire = point, passes, fire or _die


def disarm() -> None:
    """Let every point pass again."""
    global _armed
    _armed = None


def reach(point: str) -> None:
    """Mark that this place was reached. Does nothing unless it is the armed one."""
    global _passes_left
    if point != _armed:
        return
    if _passes_left > 0:
        _passes_left -= 1
        return
    _fire()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_fire: Callable[[], None] = _die
