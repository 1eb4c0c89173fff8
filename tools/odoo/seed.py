"""What the in-memory Odoo starts with: suppliers, products, price lists and stock, as plain data."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from domain.goods import ProductUnit
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
    """One line of a vendor's price list: per `unit` (None: the product's own), from `min_quantity` on, in `lead_days` days."""

    partner_id: int
    price: Decimal
    currency: str
    min_quantity: Decimal = Decimal(0)
    vendor_name: str | None = None
    vendor_code: str | None = None
    unit: str | None = None
    lead_days: int = 1


class SeedProduct(Value):
    """A product that may be bought, in its `unit` and in `packagings` of it. Of a service nothing is kept in stock."""

    product_id: int
    name: str
    sku: str | None = None
    unit: str
    packagings: tuple[ProductUnit, ...] = ()
    on_hand: Decimal = Decimal(0)
    tracking: Literal["none", "lot", "serial"] = "none"
    uses_expiry: bool = False
    service: bool = False
    active: bool = True
    prices: tuple[SeedPrice, ...] = ()


class OdooSeed(Value):
    """`rates`: what one unit of each known currency is worth in the company's own, which is at 1. `buyer`: whose orders."""

    partners: tuple[SeedPartner, ...] = ()
    products: tuple[SeedProduct, ...] = ()
    rates: Mapping[str, Decimal] = Field(default={"CLP": Decimal(1)})
    tax_rate: Decimal = Decimal("0.19")
    buyer: str | None = None
    buyer_email: str | None = None
