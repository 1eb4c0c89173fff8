"""Our record of orders. It follows Odoo: what Odoo shows is taken over, and the difference is audited."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.orders import ACTIVE_STATES, Order
from storage.audit import Audit
from storage.models import OrderRecord, Supplier
from storage.upsert import insert_into


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
        shown = {
            "name": order.name,
            "state": order.state,
            "currency": order.currency,
            "amount_total": order.amount_total,
            "lines": [line.to_json() for line in order.lines],
            "agreed_date": order.planned_date,
        }
        # Two runs may see a new order in the same instant: one of them records it, the other finds it recorded. They take turns
        # at the supplier, since a conflict with the other unique index (one active order) would be an error to the second.
        await self._session.execute(select(Supplier.id).where(Supplier.id == supplier_id).with_for_update(key_share=True))
        created = await self._session.scalar(
            insert_into(self._session, OrderRecord)
            .values(
                odoo_id=order.order_id, supplier_id=supplier_id, conversation_id=conversation_id, opened_by=opened_by, **shown
            )
            .on_conflict_do_nothing(index_elements=["odoo_id"])
            .returning(OrderRecord.id)
        )
        query = select(OrderRecord).where(OrderRecord.odoo_id == order.order_id)
        record = (await self._session.scalars(query.with_for_update().execution_options(populate_existing=True))).one()
        before = None if created else {"state": record.state, "amount_total": str(record.amount_total)}
        after = {"state": str(order.state), "amount_total": str(order.amount_total)}
        differs = (record.state, record.amount_total) != (order.state, order.amount_total)
        for column, value in shown.items():
            setattr(record, column, value)
        await self._session.flush()
        if before is None or differs:
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
