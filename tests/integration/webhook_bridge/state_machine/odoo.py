"""The sandbox's Odoo: its acts wait for a permit, may lose their answer, and are written down where they changed something."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from typing_extensions import override

from domain.orders import Order, RfqItem
from sandbox.odoo_demo_data import DEMO_ODOO
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.memory_book import BookOrder
from tools.odoo.port import OdooUnavailable
from tools.odoo.seed import OdooSeed


class SteppingOdoo(InMemoryOdoo):
    """`acts` are (what, order) of every act that had an effect."""

    def __init__(self, *, permit: Callable[[], Awaitable[None]]) -> None:
        super().__init__(seed=OdooSeed.from_json(DEMO_ODOO))
        self.acts: list[tuple[str, int]] = []
        self.lost_answers = 0
        self._permit = permit

    @override
    async def create_rfq(
        self, *, partner_id: int, items: Sequence[RfqItem], key: str, origin: str = "", planned_date: date | None = None
    ) -> Order:
        before = len(self._book.orders)
        order = await super().create_rfq(partner_id=partner_id, items=items, key=key, origin=origin, planned_date=planned_date)
        return await self._answer("created", order, changed=len(self._book.orders) > before)

    @override
    async def send_rfq(self, order_id: int, *, partner_id: int) -> Order:
        before = await self.get_order_status(partner_id=partner_id, order_id=order_id)
        order = await super().send_rfq(order_id, partner_id=partner_id)
        return await self._answer("sent", order, changed=before.state is not order.state)

    @override
    async def confirm_order(self, order_id: int, *, partner_id: int) -> Order:
        before = await self.get_order_status(partner_id=partner_id, order_id=order_id)
        order = await super().confirm_order(order_id, partner_id=partner_id)
        return await self._answer("confirmed", order, changed=before.state is not order.state)

    def learn_partner(self, partner: dict[str, Any]) -> None:
        """A person enters a supplier in Odoo."""
        seed = self._book.seed
        if any(known.partner_id == partner["partner_id"] for known in seed.partners):
            return
        learnt = OdooSeed.from_json(DEMO_ODOO | {"partners": [*DEMO_ODOO["partners"], partner]}).partners[-1]
        self._book = self._book.model_copy(update={"seed": seed.model_copy(update={"partners": (*seed.partners, learnt)})})

    def all_orders(self) -> list[BookOrder]:
        """As they stand in the book."""
        return list(self._book.orders)

    def agent_orders(self) -> list[BookOrder]:
        """Those that were made under a key: all but a person's."""
        return [order for order in self._book.orders if order.key]

    def active_agent_orders(self) -> list[BookOrder]:
        """Those still to be confirmed or received."""
        return [
            o for o in self.agent_orders() if o.state in ("draft", "sent") or (o.state == "purchase" and not _is_received(o))
        ]

    async def receive_all(self) -> None:
        """The goods of every confirmed order come in."""
        if self.outage is not None:
            return
        for order in self.all_orders():
            if order.state == "purchase" and not _is_received(order):
                await self.mark_received(order.order_id, partner_id=order.partner_id)

    def is_down(self, down: bool) -> None:
        self.outage = OdooUnavailable("Nobody answers.") if down else None

    async def _answer(self, what: str, order: Order, *, changed: bool) -> Order:
        if changed:
            self.acts.append((what, order.order_id))
        await self._permit()
        if self.lost_answers > 0:
            self.lost_answers -= 1
            raise OdooUnavailable(f"The answer to {what} got lost.")
        return order


def _is_received(order: BookOrder) -> bool:
    return all(line.received >= line.quantity for line in order.lines)
