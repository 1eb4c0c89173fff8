"""Money of different currencies beside each other, by rates that the caller was given (Odoo's, for a day).

A rate says what one unit of a currency is worth in the company's own, which needs none towards itself. Nothing is rounded and
nothing is guessed: an amount without a rate cannot be compared. `CLF` is the UF.
"""

from collections.abc import Mapping
from decimal import Decimal

Rates = Mapping[str, Decimal]


def convert(amount: Decimal, currency: str, into: str, *, rates: Rates) -> Decimal | None:
    """`amount` of `currency` in the currency `into`, unrounded; None without a rate of both. Of one currency: as it is."""
    if currency == into:
        return amount
    one, other = rates.get(currency), rates.get(into)
    if not one or not other or one <= 0 or other <= 0:
        return None
    return amount * one / other


def net_of(gross: Decimal, *, tax_rate: Decimal) -> Decimal:
    """What remains of a price with tax (IVA) without it, unrounded. `tax_rate` is a share: 0.19."""
    return gross / (1 + tax_rate)


def within_limit(amount: Decimal, currency: str, *, limits: Mapping[str, Decimal], rates: Rates) -> bool:
    """Whether an amount is within its currency's limit; without one, within each limit that it can be converted to.

    Without any limit to compare with it is not within.
    """
    if currency in limits:
        return amount <= limits[currency]
    converted = [(convert(amount, currency, into, rates=rates), limit) for into, limit in limits.items()]
    known = [(value, limit) for value, limit in converted if value is not None]
    return bool(known) and all(value <= limit for value, limit in known)
