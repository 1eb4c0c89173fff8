"""The sandbox's demo data, as the in-memory Odoo takes it up."""

from domain.identity import normal_email, normal_phone
from sandbox.odoo_demo_data import DEMO_ODOO
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.seed import OdooSeed


async def test_every_supplier_can_be_found_and_sells_something() -> None:
    seed = OdooSeed.from_json(DEMO_ODOO)
    odoo = InMemoryOdoo(seed=seed)
    suppliers = [partner for partner in seed.partners if partner.parent_id is None]
    assert len(suppliers) >= 5
    assert {partner.lang for partner in suppliers} == {"es_CL", "pt_BR", "en_US"}
    for supplier in suppliers:
        assert normal_phone(supplier.phone) == supplier.phone
        assert normal_email(supplier.email) == supplier.email
        for asked in ({"phone": supplier.phone}, {"email": supplier.email}):
            assert [one.partner_id for one in await odoo.find_partners(**asked)] == [supplier.partner_id]
        products = await odoo.list_products(partner_id=supplier.partner_id)
        assert products
        assert all(p.list_price and p.vendor_code and p.currency in seed.rates for p in products)


def test_ids_skus_and_contacts_are_unique_and_known() -> None:
    seed = OdooSeed.from_json(DEMO_ODOO)
    for values in (
        [partner.partner_id for partner in seed.partners],
        [partner.phone for partner in seed.partners],
        [partner.email for partner in seed.partners],
        [product.product_id for product in seed.products],
        [product.sku for product in seed.products],
    ):
        assert len(set(values)) == len(values)
    known = {partner.partner_id for partner in seed.partners}
    assert {price.partner_id for product in seed.products for price in product.prices} <= known
    assert {partner.parent_id for partner in seed.partners} <= known | {None}
