"""Our record of orders. It follows Odoo: what Odoo shows is taken over, and the difference is audited."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.orders import ACTIVE_STATES, Order
from storage.audit import Audit
from storage.models import OrderRecord


class Orders:
    """The repository of order records."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def follow(
        self,
        order: Order,
        *,
        supplier_id: UUID,
        conversation_id: UUID | None = None,
        opened_by: str = "person",
        turn_id: int | None = None,
    ) -> OrderRecord:
        """Record an order as Odoo shows it. `opened_by` and `conversation_id` count for an order not recorded before."""
        record = await self._session.scalar(select(OrderRecord).where(OrderRecord.odoo_id == order.order_id).with_for_update())
        before = None if record is None else {"state": record.state, "amount_total": str(record.amount_total)}
        if record is None:
            record = OrderRecord(
                odoo_id=order.order_id, supplier_id=supplier_id, conversation_id=conversation_id, opened_by=opened_by
            )
            self._session.add(record)
        record.name = order.name
        record.state = order.state
        record.currency = order.currency
        record.amount_total = order.amount_total
        record.lines = [line.to_json() for line in order.lines]
        record.agreed_date = order.planned_date
        await self._session.flush()
        after = {"state": str(order.state), "amount_total": str(order.amount_total)}
        if before is None or before["state"] != after["state"]:
            Audit(self._session).add(
                actor="agent" if before is None and opened_by == "agent" else "odoo",
                action="recorded",
                entity="order",
                entity_id=order.name,
                before=before,
                after=after,
                turn_id=turn_id,
            )
        return record

    async def active_of(self, supplier_id: UUID) -> OrderRecord | None:
        """The one order of the agent's that is being dealt with."""
        query = select(OrderRecord).where(
            OrderRecord.supplier_id == supplier_id,
            OrderRecord.opened_by == "agent",
            OrderRecord.state.in_(ACTIVE_STATES),
        )
        return await self._session.scalar(query)

    async def newest(
        self, *, supplier_id: UUID | None = None, conversation_id: UUID | None = None, limit: int = 50
    ) -> list[OrderRecord]:
        """Newest first."""
        query = select(OrderRecord).order_by(OrderRecord.id.desc()).limit(limit)
        if supplier_id is not None:
            query = query.where(OrderRecord.supplier_id == supplier_id)
        if conversation_id is not None:
            query = query.where(OrderRecord.conversation_id == conversation_id)
        return list(await self._session.scalars(query))
