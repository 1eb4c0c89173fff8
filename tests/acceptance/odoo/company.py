"""The company of these tests in Odoo: its suppliers, what they sell, the people of the house, and the book as it is read.

Everything is read as administrator, behind the product's back.
"""

from decimal import Decimal
from typing import Any

from tests.integration.odoo.database import OdooDatabase
from tools.odoo.odoorpc_adapter import OdooRpcOrderManager
from tools.odoo.seed import OdooSeed, SeedPartner, SeedPrice, SeedProduct

CONFIRM_LIMIT = Decimal(1_000_000)

MILL, NUTS, LABELS, OILS, RICE, SUGAR, SALT = (
    SeedPartner(partner_id=number, name=name, phone=f"+5696123011{number}", email=email, lang=lang)
    for number, (name, email, lang) in enumerate(
        (
            ("Molino del Sur SpA", "ventas@molinodelsur.example", "es_CL"),
            ("Pacific Nuts Inc.", "orders@pacificnuts.example", "en_US"),
            ("Etiquetas Andinas S.A.", "contacto@etiquetasandinas.example", "es_CL"),
            ("Aceites del Itata SpA", "comercial@aceitesitata.example", "es_CL"),
            ("Arroces de Parral Ltda.", "ventas@arrocesparral.example", "es_CL"),
            ("Azucarera Ñuble S.A.", "pedidos@azucarera.example", "es_CL"),
            ("Salinas de Cáhuil", "hola@salinascahuil.example", "es_CL"),
        ),
        start=1,
    )
)


PRODUCTS = tuple(
    SeedProduct(
        product_id=number,
        sku=sku,
        name=name,
        unit=unit,
        prices=(SeedPrice(partner_id=partner.partner_id, price=Decimal(price), currency=currency),),
    )
    for number, (partner, sku, name, unit, price, currency) in enumerate(
        (
            (MILL, "HAR-25", "Harina panadera 25 kg", "saco", "17900", "CLP"),
            (MILL, "SEM-25", "Sémola fina 25 kg", "saco", "19500", "CLP"),
            (NUTS, "NUE", "Walnut halves", "kg", "7.20", "USD"),
            (LABELS, "ETI", "Etiqueta térmica 100x70", "rollo", "15900", "CLP"),
            (OILS, "ACE-20", "Aceite de maravilla 20 L", "bidón", "36900", "CLP"),
            (RICE, "ARR-25", "Arroz grano largo 25 kg", "saco", "21000", "CLP"),
            (SUGAR, "AZU-25", "Azúcar granulada 25 kg", "saco", "22500", "CLP"),
            (SALT, "SAL-25", "Sal de mar 25 kg", "saco", "9800", "CLP"),
        ),
        start=1,
    )
)


class Company:
    """The furnished database. `partner` and `product` lead from name and SKU to Odoo's ids."""

    def __init__(self, odoo: OdooDatabase, *, warehouse: OdooRpcOrderManager, biller: OdooRpcOrderManager) -> None:
        self.odoo, self.warehouse, self.biller = odoo, warehouse, biller
        suppliers = (MILL, NUTS, LABELS, OILS, RICE, SUGAR, SALT)
        partners, products = odoo.furnish(OdooSeed(partners=suppliers, products=PRODUCTS))
        self.partner = {one.name: partners[one.partner_id] for one in suppliers}
        self.product = {one.sku: products[one.product_id] for one in PRODUCTS}

    def orders_of(self, supplier: SeedPartner) -> list[dict[str, Any]]:
        """All orders of a supplier as Odoo keeps them, oldest first."""
        fields = ["name", "state", "partner_id", "currency_id", "origin", "create_uid", "amount_untaxed", "order_line"]
        fields += ["picking_ids", "invoice_ids", "write_date"]
        mine = [("partner_id", "=", self.partner[supplier.name])]
        orders: list[dict[str, Any]] = self.odoo.call("purchase.order", "search_read", mine, fields=fields, order="id")
        return orders

    def only_order_of(self, supplier: SeedPartner) -> dict[str, Any]:
        """The supplier's order, of which there must be exactly one."""
        orders = self.orders_of(supplier)
        assert len(orders) == 1, f"{supplier.name} has {[order['name'] for order in orders]}"
        return orders[0]

    def lines_of(self, order: dict[str, Any]) -> list[tuple[int, Decimal, Decimal]]:
        """Product, quantity and price of each line, in order."""
        lines = self.odoo.call("purchase.order.line", "read", order["order_line"], ["product_id", "product_qty", "price_unit"])
        return [(line["product_id"][0], Decimal(str(line["product_qty"])), Decimal(str(line["price_unit"]))) for line in lines]

    def external_ids_of(self, order: dict[str, Any]) -> list[str]:
        """The names under which our agent made the order."""
        mine = [("module", "=", "purchase_agent"), ("model", "=", "purchase.order"), ("res_id", "=", order["id"])]
        return [one["name"] for one in self.odoo.call("ir.model.data", "search_read", mine, fields=["name"])]

    def receipts_of(self, order: dict[str, Any]) -> list[tuple[str, str]]:
        """Kind and state of each picking."""
        pickings = self.odoo.call("stock.picking", "read", order["picking_ids"], ["picking_type_code", "state"])
        return [(picking["picking_type_code"], picking["state"]) for picking in pickings]

    def bills_of(self, order: dict[str, Any]) -> list[tuple[str, str, Decimal]]:
        """Kind, state and untaxed amount of each bill."""
        bills = self.odoo.call("account.move", "read", order["invoice_ids"], ["move_type", "state", "amount_untaxed"])
        return [(bill["move_type"], bill["state"], Decimal(str(bill["amount_untaxed"]))) for bill in bills]
