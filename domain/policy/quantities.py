"""Rules about how much: plausible beside what was bought before, and not more than is needed."""

from decimal import Decimal

from domain.money import within_limit
from domain.policy.facts import GoodsCase, Terms
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Says
from domain.units import convert_quantity


def quantity_unusual(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """More than `POLICY_QUANTITY_FACTOR` times the most that was ever bought at once of this supplier (200 for 20)."""
    for line in case.goods:
        usual, quantity = most_bought(line, case), _ordered(line, case) or line.quantity
        if usual is not None and quantity > usual * limits.quantity_factor:
            facts = {"product": line.name, "quantity": str(quantity), "usual": str(usual)}
            return Says(f"{line.name}: so much was never bought at once.", facts)
    return None


def already_enough(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """With what is in stock and on its way, we would hold more than `POLICY_STOCK_COVER` of the largest purchases.

    Of goods never bought before: goods worth more than that many times `POLICY_CONFIRM_LIMIT`.
    """
    for line in case.goods:
        held = _held_then(line, case)
        if held is None:
            continue
        usual = most_bought(line, case)
        if usual is not None:
            too_much = held > usual * limits.stock_cover
        else:
            share = held * line.unit_price / limits.stock_cover
            too_much = share > 0 and not within_limit(share, case.currency, limits=limits.confirm_limit, rates=case.rates)
        if too_much:
            facts = {"product": line.name, "held_then": str(held), "usual": None if usual is None else str(usual)}
            return Says(f"{line.name}: there seems to be enough of it.", facts)
    return None


def most_bought(line: Terms, case: GoodsCase) -> Decimal | None:
    """The most that was bought at once, in the line's unit; None if it never was."""
    product = line.product
    if product is None:
        return None
    bought = [
        convert_quantity(price.quantity, price.unit, line.unit, product=product) for price in case.past_of(product.product_id)
    ]
    return max((quantity for quantity in bought if quantity is not None and quantity > 0), default=None)


def _held_then(line: Terms, case: GoodsCase) -> Decimal | None:
    """What the stock would be, once all that is on its way and all lines of these goods have come; in the line's unit."""
    product, coming = line.product, _ordered(line, case)
    if product is None or coming is None:
        return None
    forecast = convert_quantity(product.forecast, product.base_unit or product.unit, line.unit, product=product)
    # Stock that others wait for already counts as gone; less than nothing counts as nothing.
    return None if forecast is None else max(forecast, Decimal(0)) + coming


def _ordered(line: Terms, case: GoodsCase) -> Decimal | None:
    """How much of the line's goods all lines come to, in the line's unit: two lines of 60 are 120."""
    product = line.product
    if product is None:
        return None
    same = [other for other in case.terms if other.product is not None and other.product.product_id == product.product_id]
    quantities = [other.quantity_in(line.unit) for other in same]
    known = [quantity for quantity in quantities if quantity is not None]
    return sum(known, Decimal(0)) if len(known) == len(quantities) else None
