"""The port's suite on the in-memory Odoo, once on memory alone and once on a file."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.odoo.port_suite import SEED, Bench, PortSuite
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.port import OdooForbidden, OdooUnavailable


@pytest.fixture(params=["memory", "file"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    path = tmp_path / "odoo.json" if request.param == "file" else None
    odoo = InMemoryOdoo(path, seed=SEED)
    locked_out, unreachable = InMemoryOdoo(seed=SEED), InMemoryOdoo(seed=SEED)
    locked_out.outage, unreachable.outage = OdooForbidden(), OdooUnavailable()

    async def approve(order_id: int) -> None:
        await odoo.approve_order(order_id)

    async def set_approval_amount(amount: Decimal | None) -> None:
        odoo.approval_amount = amount

    return Bench(
        manager=odoo,
        partner={partner.name: partner.partner_id for partner in SEED.partners},
        product={product.sku or "": product.product_id for product in SEED.products},
        approve=approve,
        set_approval_amount=set_approval_amount,
        locked_out=locked_out,
        unreachable=unreachable,
        people=odoo.people,
        company_currency="CLP",
    )


class TestInMemoryOdoo(PortSuite):
    """All of the suite."""
