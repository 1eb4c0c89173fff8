"""Rules about prices, in the line's unit and the order's currency: against the price list, what was paid before, and amounts.

The list price is that of the best tier which the quantity reaches. Of what was paid, purchases of the last
`POLICY_HISTORY_DAYS` count, the dearest of them: a tier's discount for a larger quantity is then no objection.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.money import convert, within_limit
from domain.policy.facts import GoodsCase, Terms
from domain.policy.limits import PolicyLimits
from domain.policy.rulebook import Says


def implausible_lines(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """No lines, or a quantity or price that is not above zero."""
    if case.terms and all(line.quantity > 0 and line.unit_price > 0 for line in case.terms):
        return None
    return Says("There are no lines, or a quantity or price that is not positive.")


def over_confirm_limit(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """The net amount is above `POLICY_CONFIRM_LIMIT`, or in a currency that has neither limit nor rate."""
    if within_limit(case.amount, case.currency, limits=limits.confirm_limit, rates=case.rates):
        return None
    limit = limits.confirm_limit.get(case.currency)
    facts = {"amount": str(case.amount), "currency": case.currency, "limit": None if limit is None else str(limit)}
    return Says("The amount is above what may be confirmed without a person.", facts)


def freight_above_limit(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """The freight lines come to more than `POLICY_FREIGHT_LIMIT`."""
    freight = sum((line.amount for line in case.terms if line.is_freight), Decimal(0))
    if not freight or within_limit(freight, case.currency, limits=limits.freight_limit, rates=case.rates):
        return None
    return Says("The freight is above what may be accepted without a person.", {"freight": str(freight)})


def no_known_price(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """Neither the price list nor a recent purchase has a price that can be compared: not in this currency or unit, or none."""
    for line in case.goods:
        if not [*listed(line, case, at_any_quantity=True), *paid(line, case, limits)]:
            return Says(f"There is no price of {line.name} to compare with.", _price_facts(line))
    return None


def price_above_list(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """More than `POLICY_PRICE_TOLERANCE` above the vendor's price list for this quantity."""
    for line in case.goods:
        prices = listed(line, case)
        if prices and line.unit_price > min(prices) * (1 + limits.price_tolerance):
            facts = _price_facts(line) | {"list_price": str(min(prices))}
            return Says(f"{line.name} is dearer than the vendor's price list allows.", facts)
    return None


def price_above_last(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """More than `POLICY_PRICE_TOLERANCE` above the dearest of the recent purchases."""
    for line in case.goods:
        prices = paid(line, case, limits)
        if prices and line.unit_price > max(prices) * (1 + limits.price_tolerance):
            facts = _price_facts(line) | {"last_price": str(max(prices))}
            return Says(f"{line.name} is dearer than when it was bought last.", facts)
    return None


def price_far_below(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """More than `POLICY_PRICE_DROP` below every price known: another unit, another product, or a slip of the pen."""
    for line in case.goods:
        prices = [*listed(line, case), *paid(line, case, limits)]
        if prices and line.unit_price < min(prices) * (1 - limits.price_drop):
            facts = _price_facts(line) | {"known_price": str(min(prices))}
            return Says(f"{line.name} is far cheaper than any price known.", facts)
    return None


def below_minimum(case: GoodsCase, limits: PolicyLimits) -> Says | None:
    """Less than the vendor sells, or than the smallest quantity on its price list."""
    for line in case.goods:
        least = _least(line)
        quantity = line.quantity_in(line.product.unit) if line.product else None
        if quantity is not None and quantity < least:
            return Says(f"{line.name}: the vendor sells {least} at least.", {"product": line.name, "least": str(least)})
    return None


def listed(line: Terms, case: GoodsCase, *, at_any_quantity: bool = False) -> list[Decimal]:
    """The listed prices that the quantity reaches, in the line's unit and the order's currency."""
    product = line.product
    if product is None or product.currency is None:
        return []
    reached = line.quantity_in(product.unit)
    if reached is None:
        return []
    tiers = [(tier.min_quantity, tier.price) for tier in product.tiers]
    if not tiers and product.list_price is not None:
        tiers = [(product.min_quantity, product.list_price)]
    prices = [price for least, price in tiers if at_any_quantity or least <= reached]
    return list(_comparable(line, case, [(price, product.unit, product.currency) for price in prices]))


def paid(line: Terms, case: GoodsCase, limits: PolicyLimits) -> list[Decimal]:
    """What was paid lately, in the line's unit and the order's currency."""
    if line.product is None:
        return []
    since = case.today - timedelta(days=limits.history_days)
    recent = [price for price in case.past_of(line.product.product_id) if price.date >= since]
    return list(_comparable(line, case, [(price.unit_price, price.unit, price.currency) for price in recent]))


def _comparable(line: Terms, case: GoodsCase, prices: list[tuple[Decimal, str, str]]) -> Iterator[Decimal]:
    for price, unit, currency in prices:
        in_unit = line.price_in_this_unit(price, unit)
        in_currency = None if in_unit is None else convert(in_unit, currency, case.currency, rates=case.rates)
        if in_currency is not None:
            yield in_currency


def _least(line: Terms) -> Decimal:
    if line.product is None:
        return Decimal(0)
    return max(line.product.min_quantity, min((tier.min_quantity for tier in line.product.tiers), default=Decimal(0)))


def _price_facts(line: Terms) -> dict[str, Any]:
    return {"product": line.name, "price": str(line.unit_price)}
