"""What the sandbox page offers to click is understood: a visitor's first click must not be a dead end."""

from datetime import date
from decimal import Decimal

import pytest

from domain.products import match_product
from domain.understanding import Intent, OfferedLine, OpenOrderFacts, ReadingContext
from domain.units import same_unit
from graphs.purchase_order.planning import product_names
from graphs.reading.offline.interpreter import interpret
from po_agent.sandbox import demo_suppliers
from sandbox.odoo_demo_data import DEMO_ODOO
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.seed import OdooSeed

ORDERED = OfferedLine(product="Azúcar", quantity=Decimal(5), unit="saco", unit_price=Decimal(9000), currency="CLP")
EXPECTED = [
    Intent.SMALLTALK,
    Intent.NEW_QUOTE,
    Intent.CONFIRM_ORDER,
    Intent.ORDER_STATUS,
    Intent.DELIVERY_UPDATE,
    Intent.TALK_TO_HUMAN,
]


@pytest.mark.parametrize("supplier", demo_suppliers(), ids=lambda supplier: supplier["name"])
async def test_each_chip_is_read_as_meant(supplier: dict[str, str]) -> None:
    context = ReadingContext(
        today=date(2026, 11, 23),
        open_order=OpenOrderFacts(ref="P00001", state="sent", delivery_date=date(2026, 11, 27), lines=(ORDERED,)),
        last_agent_message="Registramos su cotización como P00001. Si está de acuerdo, responda «confirmo P00001».",
    )
    readings = [interpret([phrase], context) for phrase in supplier["phrases"]]
    assert [reading.intent for reading in readings] == EXPECTED
    assert {reading.language for reading in readings} <= {supplier["lang"][:2], "es"}

    products = await InMemoryOdoo(seed=OdooSeed.from_json(DEMO_ODOO)).list_products(partner_id=int(supplier["key"]))
    (line,) = readings[1].lines
    match = match_product(line.product or "", [product_names(product) for product in products])
    (product,) = [product for product in products if product.product_id == match.product_id]
    assert same_unit(line.unit, product.unit)
    assert (line.unit_price, line.currency) == (product.list_price, product.currency)
