"""What one supplier sells, at which prices, and what was paid before: the facts that policy weighs an offer against.

Two units run through it. What is bought and priced is in the vendor's unit (`unit`: a box); stock is in the product's own
(`base_unit`: a piece), as Odoo keeps it. `units` leads from one to the other. Prices are per unit, net of tax, in `currency`.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from domain.value import Value


class ProductUnit(Value):
    """A unit that a product may be bought in: one of it holds `factor` of the product's base unit."""

    name: str
    factor: Decimal


class PriceTier(Value):
    """A price on the vendor's list, from `min_quantity` on. Both per the product's `unit`."""

    min_quantity: Decimal
    price: Decimal


class Product(Value):
    """A product as this vendor sells it.

    `list_price` is the vendor's price for the smallest quantity it sells, `tiers` all of them (smallest quantity first, in one
    currency and unit; none: not on the list, only bought before), `min_quantity` the least it sells, `lead_days` how many days
    it takes from order to arrival. Stock in `base_unit`: `on_hand` now, `incoming` on its way, `forecast` when all that is
    on its way in and out has moved. `uses_expiry`: lots of it need a date of expiry to be received.
    """

    product_id: int
    name: str
    sku: str | None = None
    vendor_name: str | None = None
    vendor_code: str | None = None
    unit: str
    base_unit: str = ""
    units: tuple[ProductUnit, ...] = ()
    list_price: Decimal | None = None
    currency: str | None = None
    tiers: tuple[PriceTier, ...] = ()
    min_quantity: Decimal = Decimal(0)
    lead_days: int | None = None
    on_hand: Decimal = Decimal(0)
    forecast: Decimal = Decimal(0)
    incoming: Decimal = Decimal(0)
    tracking: Literal["none", "lot", "serial"] = "none"
    uses_expiry: bool = False

    def price_for(self, quantity: Decimal) -> Decimal | None:
        """The vendor's listed price for so many (in `unit`), or None if it lists none, or none for so few."""
        reached = [tier.price for tier in self.tiers if tier.min_quantity <= quantity]
        return reached[-1] if reached else None


class PastPrice(Value):
    """What was paid per `unit` on a confirmed order, after discount. `date` is the day it was confirmed."""

    product_id: int
    order: str
    unit_price: Decimal
    currency: str
    unit: str
    quantity: Decimal
    date: date
