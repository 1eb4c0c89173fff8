"""Lots with dates of expiry in the in-memory Odoo, as a real one with that module was seen to want them. Nothing is faked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.errors import InvalidInput
from domain.orders import OrderState, RfqItem
from domain.receipts import Lot
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.port import LotsMissing
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct

TODAY = datetime.now(UTC).date()
SEED = OdooSeed(
    partners=(SeedPartner(partner_id=1, name="Granja"),),
    products=(
        SeedProduct(
            product_id=1,
            name="Leche",
            unit="caja",
            tracking="lot",
            uses_expiry=True,
            prices=(SeedPrice(partner_id=1, price=Decimal(9000), currency="CLP"),),
        ),
    ),
)


def lot(quantity: str, expires: date | None, name: str = "L1") -> Lot:
    return Lot(name=name, quantity=Decimal(quantity), expires=expires)


@pytest.mark.parametrize(
    ("lots", "error"),
    [
        ([], LotsMissing),
        ([lot("5", None)], LotsMissing),
        ([lot("3", TODAY), lot("2", None, "L2")], LotsMissing),
        ([lot("5", TODAY - timedelta(days=2))], InvalidInput),
        ([lot("4.99", TODAY)], InvalidInput),
        ([lot("3", TODAY), lot("2", TODAY)], InvalidInput),
    ],
)
async def test_lots_that_will_not_do_book_nothing(lots: list[Lot], error: type[Exception]) -> None:
    odoo = InMemoryOdoo(seed=SEED)
    item = RfqItem(product_id=1, quantity=Decimal(5), unit_price=Decimal(9000), currency="CLP")
    order = await odoo.create_rfq(partner_id=1, items=[item], key="a")
    order = await odoo.confirm_order(order.order_id, partner_id=1)
    line = order.lines[0].line_id
    with pytest.raises(error) as caught:
        await odoo.mark_received(order.order_id, partner_id=1, lots={line: lots})
    assert type(caught.value) is error
    assert await odoo.list_orders(partner_id=1) == [order]
    good = [lot("3", TODAY), lot("2", TODAY + timedelta(days=9), "L2")]
    received = await odoo.mark_received(order.order_id, partner_id=1, lots={line: good})
    assert received.state is OrderState.RECEIVED
