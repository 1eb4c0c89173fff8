"""What the in-memory Odoo starts with: suppliers, products, price lists and stock, as plain data."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field

from domain.value import Value


class SeedPartner(Value):
    """A `res.partner`: a company, or with `parent_id` a contact of one. Phone in E.164, e-mail lower-cased."""

    partner_id: int
    name: str
    phone: str | None = None
    email: str | None = None
    lang: str | None = None
    parent_id: int | None = None
    is_supplier: bool = True
    active: bool = True


class SeedPrice(Value):
    """One line of a vendor's price list: per unit of the product, from `min_quantity` on."""

    partner_id: int
    price: Decimal
    currency: str
    min_quantity: Decimal = Decimal(0)
    vendor_name: str | None = None
    vendor_code: str | None = None


class SeedProduct(Value):
    """A product that may be bought. Of a service nothing is kept in stock."""

    product_id: int
    name: str
    sku: str | None = None
    unit: str
    on_hand: Decimal = Decimal(0)
    service: bool = False
    active: bool = True
    prices: tuple[SeedPrice, ...] = ()


class OdooSeed(Value):
    """`rates`: what one unit of each known currency is worth in the company's own, which is at 1."""

    partners: tuple[SeedPartner, ...] = ()
    products: tuple[SeedProduct, ...] = ()
    rates: Mapping[str, Decimal] = Field(default={"CLP": Decimal(1)})
    tax_rate: Decimal = Decimal("0.19")
