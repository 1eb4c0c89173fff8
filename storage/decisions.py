"""What a person's decision leads to, in the transaction that writes it down.

A reply that waited for a person is queued, in the words that were decided on. A step that waited becomes a turn of kind
`decision`, which carries out what was proposed and nothing else, and tells the supplier. Anything else is only closed: a
person deals with it. What further kinds of approvals lead to is handed in by whoever knows how (`further`).
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ImpossibleTransition, InvalidInput, NotAllowed
from domain.identity import Channel
from domain.plan import Plan, Step, Verdict
from domain.splitting import split_text
from storage.approvals import REPLY, Approvals, Choice
from storage.gate import ENDED, why_shut
from storage.in_reply import DECISIONS_FROM, in_reply_to
from storage.messages import Messages
from storage.models import Approval, Message, Turn
from storage.models.turn import TurnKind
from storage.turns import Turns

#: What follows from a decision on one kind of approval. The decision is on the row; raise to undo it.
Consequence = Callable[[AsyncSession, Approval, datetime], Awaitable[None]]


class CannotBeEdited(InvalidInput):
    """Not in that form: a reply is edited as {"text": "…"} or {"parts": ["…", "…"]}; of steps, approve or reject."""

    code = "cannot_be_edited"


class ConversationEnded(NotAllowed):
    """The conversation has ended, so nothing can be said or done in it: reject this, or write to the supplier anew."""

    code = "conversation_ended"


class UnknownKind(InvalidInput):
    """Nobody here knows what follows from this kind of approval: decide it by POST /approvals/{id}."""

    code = "unknown_kind"


class NothingToFollow(ImpossibleTransition):
    """What this approval came from is gone: reject it."""

    code = "nothing_to_follow"


async def decide(
    session: AsyncSession,
    approval_id: int,
    choice: Choice,
    *,
    edit: dict[str, Any] | None = None,
    note: str | None = None,
    by: str,
    now: datetime,
    further: Mapping[str, Consequence] | None = None,
) -> Approval:
    """Decide once, and let follow what follows. The same decision once more changes nothing and answers the same.

    `edit` belongs to the choice `edit`. Raises `ApprovalNotFound`, `AlreadyDecided`, `CannotBeEdited`, `ConversationEnded`,
    `NothingToFollow`, `UnknownKind`, and what a consequence of `further` raises.
    """
    if (choice is Choice.EDIT) != (edit is not None):
        raise InvalidInput("`edit` says what is to be done instead: it goes with the decision `edit`, and with no other.")
    approval = await Approvals(session).get(approval_id)
    consequence = (further or {}).get(approval.kind) or _consequence(approval)
    shut = None
    if consequence in (_send_reply, _carry_out) and approval.conversation_id is not None:
        # The conversation is locked before the approval, as by everybody else who takes both.
        shut = await why_shut(session, approval.conversation_id)
    approval = await Approvals(session).get(approval_id, lock=True)
    if not await Approvals(session).close(approval, choice, edit=edit, note=note, by=by, now=now):
        return approval
    if choice is not Choice.REJECT and shut == ENDED:
        raise ConversationEnded
    if choice is Choice.EDIT and consequence in (_carry_out, _close):
        raise CannotBeEdited
    await consequence(session, approval, now)
    return approval


async def words_behind(session: AsyncSession, turn: Turn) -> list[Message]:
    """The supplier's words that led to a turn of kind `decision`: its answer goes where they came from. Else none."""
    if turn.kind != TurnKind.DECISION or turn.plan is None:
        return []
    approval = await Approvals(session).get(Plan.from_json(turn.plan).steps[0].facts["approval"])
    answered = await Messages(session).get(approval.proposal["answers"])
    return await Messages(session).of_turn(answered.turn_id, withdrawn=True) if answered.turn_id else []


def _consequence(approval: Approval) -> Consequence:
    if approval.kind == REPLY:
        return _send_reply
    if "step" not in approval.proposal:
        raise UnknownKind(approval.kind)
    return _carry_out if approval.proposal.get("executable") else _close


async def _send_reply(session: AsyncSession, approval: Approval, now: datetime) -> None:
    """Queue the words. Their places, and so their keys, are the turn's own: no part can be queued twice."""
    if approval.status == "rejected":
        await _tell_team(session, approval, "The reply is not sent.", now)
        return
    if approval.turn_id is None:
        raise NothingToFollow
    answered = await Messages(session).get(approval.proposal["answers"])
    for seq, text in enumerate(_words(approval, answered), start=1):
        row = in_reply_to(answered, turn_id=approval.turn_id, seq=seq, content=text, private=False, now=now)
        await Messages(session).add_once(row)


def _words(approval: Approval, answered: Message) -> list[str]:
    """As drafted, or as edited; never longer than the channel takes."""
    edit = (approval.decision or {}).get("edit")
    texts = approval.proposal["parts"]
    if edit is not None:
        texts = edit.get("parts", [edit.get("text")])
        are_texts = isinstance(texts, list) and all(isinstance(text, str) and text.strip() for text in texts)
        if len(edit) != 1 or not texts or not are_texts:
            raise CannotBeEdited
    return [part for text in texts for part in split_text(text, channel=answered.channel)]


async def _carry_out(session: AsyncSession, approval: Approval, now: datetime) -> None:
    """A turn that does what was proposed. It is claimed, fenced and tried again like any other."""
    if approval.status == "rejected":
        await _tell_team(session, approval, "Nothing is done. The supplier waits for a person's answer.", now)
        return
    answered = await Messages(session).get(approval.proposal["answers"])
    proposed = Step.from_json(approval.proposal["step"])
    step = proposed.model_copy(
        update={
            "number": 1,
            "verdict": Verdict.DO,
            "rule": "approved",
            "reason": f"A person approved it ({approval.decided_by}).",
            "facts": proposed.facts | {"approval": approval.id},
        }
    )
    await Turns(session).begin_decision(
        conversation_id=answered.conversation_id,
        account_id=answered.account_id,
        chatwoot_conversation_id=answered.chatwoot_conversation_id,
        understanding=approval.proposal["understanding"],
        plan=Plan(steps=(step,)).to_json(),
        now=now,
    )


async def _close(session: AsyncSession, approval: Approval, now: datetime) -> None:
    """A person deals with it."""


async def _tell_team(session: AsyncSession, approval: Approval, what: str, now: datetime) -> None:
    """A private note where the supplier wrote, if that is in Chatwoot."""
    if approval.turn_id is None:
        return
    answered = await Messages(session).get(approval.proposal["answers"])
    if answered.channel == Channel.SDK:
        return
    note = (approval.decision or {}).get("note")
    words = f"Approval {approval.id} ({approval.kind}) was {approval.status} by {approval.decided_by}. {what}"
    words += f"\n{note}" if note else ""
    seq = DECISIONS_FROM + approval.id
    row = in_reply_to(answered, turn_id=approval.turn_id, seq=seq, content=words, private=True, now=now)
    await Messages(session).add_once(row)
