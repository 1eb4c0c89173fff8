"""What people look through, decide and set going again from the terminal: turns, outgoing messages and approvals."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from domain.errors import ImpossibleTransition, InvalidInput
from domain.messages import Direction, MessageStatus
from po_agent.database import attached_sessions
from po_agent.partners import ProcessPartners
from po_agent.settings import Settings
from storage.approvals import APPROVAL_STATUSES, Approvals, Choice
from storage.conversations import Conversations
from storage.decisions import decide
from storage.messages import Messages
from storage.models import Message
from storage.models.turn import TurnStatus
from storage.turns import Turns
from webhook_bridge.identity import Linker
from webhook_bridge.link_questions import LINK_SUPPLIER


async def newest_turns(settings: Settings, *, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Newest first. Raises `InvalidInput` for a status there is not."""
    wanted = TurnStatus(_known(status, TurnStatus)) if status else None
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {
                "id": turn.id,
                "status": str(turn.status),
                "attempt": turn.attempt,
                "conversation": str(turn.conversation_id),
                "intent": (turn.understanding or {}).get("intent"),
                "error": (turn.last_error or "")[:120],
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


async def newest_outgoing(settings: Settings, *, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Newest first. Raises `InvalidInput` for a status there is not."""
    query = select(Message).where(Message.direction == Direction.OUTBOUND).order_by(Message.id.desc()).limit(limit)
    if status:
        query = query.where(Message.status == _known(status, MessageStatus))
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {
                "id": message.id,
                "status": message.status,
                "attempts": message.attempts,
                "channel": message.channel,
                "content": message.content[:80],
                "failure": message.failure or "",
            }
            for message in await session.scalars(query)
        ]


async def retry_message(settings: Settings, message_id: int) -> None:
    """Queue a failed message again. Raises `ImpossibleTransition` if it has not failed."""
    async with attached_sessions(settings) as database, database.session() as session:
        await Messages(session).move(message_id, MessageStatus.QUEUED, next_attempt_at=datetime.now(UTC), failure=None)


async def newest_approvals(settings: Settings, *, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Newest first. Raises `InvalidInput` for a status there is not."""
    if status is not None and status not in APPROVAL_STATUSES:
        raise InvalidInput(f"--status is one of {', '.join(APPROVAL_STATUSES)}.")
    async with attached_sessions(settings) as database, database.session() as session:
        return [
            {
                "id": approval.id,
                "status": approval.status,
                "kind": approval.kind,
                "opened_at": approval.opened_at.isoformat(timespec="seconds"),
                "question": approval.question,
                "proposal": _proposed(approval.proposal),
                "decided_by": approval.decided_by or "",
            }
            for approval in await Approvals(session).newest(status=status, limit=limit)
        ]


def _proposed(proposal: dict[str, Any]) -> Any:
    """What will be done or said, short enough for a line."""
    return proposal.get("parts") or proposal.get("step", {}).get("arguments") or ""


async def decide_approval(
    settings: Settings, approval_id: int, choice: Choice, *, edit: str | None = None, note: str | None
) -> dict[str, Any]:
    """Decide, as the person at this terminal. `edit` is a JSON object. Raises what `storage.decisions.decide` raises."""
    async with attached_sessions(settings) as database, database.session() as session:
        linker = Linker(database=database, partners=ProcessPartners(), now=lambda: datetime.now(UTC))
        approval = await decide(
            session,
            approval_id,
            choice,
            edit=_json_object(edit) if edit else None,
            note=note,
            by="cli",
            now=datetime.now(UTC),
            further={LINK_SUPPLIER: linker.decided},
        )
        return {"id": approval.id, "kind": approval.kind, "status": approval.status, "decided_by": approval.decided_by}


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidInput("--edit is not JSON.") from error
    if not isinstance(value, dict):
        raise InvalidInput("--edit is not a JSON object.")
    return value


def _known(status: str, statuses: type[TurnStatus] | type[MessageStatus]) -> str:
    known = [str(item) for item in statuses]
    if status not in known:
        raise InvalidInput(f"--status is one of {', '.join(known)}.")
    return status
