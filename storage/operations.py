"""Operations: each effect on Odoo is written down before it is tried and after it is known.

`begin` is the last door before anything binding: in one transaction it checks that the attempt still holds the turn, that
the bot still has the conversation, and that the supplier has said nothing since; only then the operation exists.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import StaleAttempt, TurnSuperseded
from storage.audit import Audit
from storage.gate import PERSON, why_shut
from storage.models import Operation
from storage.models.turn import TurnKind
from storage.turns import Turns
from storage.upsert import insert_into


class Operations:
    """The repository of operations."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, key: str) -> Operation | None:
        """The operation under this key."""
        return await self._session.scalar(select(Operation).where(Operation.key == key))

    async def begin(self, *, key: str, turn_id: int, attempt: int, action: str, request: dict[str, Any]) -> Operation:
        """The operation under `key`, recorded as started unless it is there already (then see its `status`).

        Raises `StaleAttempt` if another attempt has the turn, and `TurnSuperseded` if nothing binding was begun in the turn
        yet and the gate is shut or the supplier wrote again. Once something was begun, the turn goes through with its plan.
        """
        turn = await Turns(self._session).held(turn_id, attempt)
        if not await Turns(self._session).has_operations(turn_id):
            shut = await why_shut(self._session, turn.conversation_id)
            # What a person has approved is done also while a person has the conversation.
            if shut and not (shut == PERSON and turn.kind == TurnKind.DECISION):
                raise TurnSuperseded(shut)
            if await Turns(self._session).newer_burst(turn) is not None:
                raise TurnSuperseded("The supplier has written again.")
        await self._session.execute(
            insert_into(self._session, Operation)
            .values(key=key, turn_id=turn_id, attempt=attempt, action=action, request=request)
            .on_conflict_do_nothing(index_elements=["key"])
        )
        operation = await self.find(key)
        if operation is None:
            raise StaleAttempt(f"Operation {key} vanished.")
        return operation

    async def finish(self, *, key: str, turn_id: int, result: dict[str, Any], refused: bool, at: datetime) -> None:
        """Record what came of it: `done`, or `refused` by Odoo's rules. The first outcome stays.

        The fence is not asked here: what was done was done, whoever holds the turn by now.
        """
        operation = await self._session.scalar(select(Operation).where(Operation.key == key).with_for_update())
        if operation is None or operation.status != "started":
            return
        operation.status = "refused" if refused else "done"
        operation.result = result
        operation.ended_at = at
        Audit(self._session).add(
            actor="agent",
            action=f"{operation.action}.{operation.status}",
            entity="operation",
            entity_id=operation.id,
            before=operation.request,
            after=result,
            turn_id=turn_id,
        )
