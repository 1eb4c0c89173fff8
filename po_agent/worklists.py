"""What people look through and set going again or put away from the terminal: turns, and webhooks set aside."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from domain.errors import ImpossibleTransition, InvalidInput
from po_agent.database import attached_sessions
from po_agent.settings import Settings
from storage.conversations import Conversations
from storage.models.turn import TurnStatus
from storage.set_aside import SetAside
from storage.turns import Turns


def known_status(status: str, statuses: Collection[str]) -> str:
    """Raise `InvalidInput` for a status there is not."""
    known = [str(item) for item in statuses]
    if status not in known:
        raise InvalidInput(f"--status is one of {', '.join(known)}.")
    return status


async def newest_turns(settings: Settings, *, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Newest first. Raises `InvalidInput` for a status there is not."""
    wanted = TurnStatus(known_status(status, list(TurnStatus))) if status else None
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {
                "id": turn.id,
                "status": str(turn.status),
                "attempt": turn.attempt,
                "conversation": str(turn.conversation_id),
                "intent": (turn.understanding or {}).get("intent"),
                "error": turn.last_error or "",
            }
            for turn in await Turns(session).newest(status=wanted, limit=limit)
        ]


async def retry_turn(settings: Settings, turn_id: int) -> None:
    """Set a failed turn going again. Raises `ImpossibleTransition` if it has not failed, `TurnNotFound` if there is none."""
    async with attached_sessions(settings) as database, database.session() as session:
        turn = await Turns(session).get(turn_id)
        if not await Turns(session).retry(turn_id, now=datetime.now(UTC)):
            raise ImpossibleTransition(f"Turn {turn_id} is {turn.status}: only a failed turn is tried again.")
        await Conversations(session).hand_to(turn.conversation_id, "bot", actor="person")


async def newest_set_aside(settings: Settings, *, limit: int) -> list[dict[str, Any]]:
    """Newest first. `bytes` is the size of the body."""
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {
                "id": kept.id,
                "received_at": kept.received_at.isoformat(timespec="seconds"),
                "bytes": len(kept.body),
                "reason": kept.reason,
            }
            for kept in await SetAside(session).newest(limit=limit)
        ]


async def show_set_aside(settings: Settings, set_aside_id: int) -> dict[str, Any]:
    """All of one, its body as JSON where it is JSON, else as text. Raises `SetAsideNotFound`."""
    async with attached_sessions(settings) as database, database.session() as session:
        kept = await SetAside(session).get(set_aside_id)
        return {
            "id": kept.id,
            "received_at": kept.received_at.isoformat(timespec="seconds"),
            "reason": kept.reason,
            "headers": kept.headers,
            "body": _readable(kept.body),
        }


def _readable(body: bytes) -> Any:
    try:
        readable = json.loads(body)
        json.dumps(readable, indent=2)  # what is nested deeper than can be shown is shown as it came
        return readable
    except (ValueError, RecursionError):
        return body.decode(errors="backslashreplace")


async def drop_set_aside(settings: Settings, set_aside_id: int) -> None:
    """Forget one that a person has looked at. Raises `SetAsideNotFound`."""
    async with attached_sessions(settings) as database, database.session() as session:
        await SetAside(session).drop(set_aside_id, by="cli")
