"""Numbers, money and dates as people in Chile write them: `$ 1.234.567`, `US$ 12,50`, `1.250,5`, `03-12-2026`."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

_SIGNS = {"CLP": "$", "USD": "US$", "EUR": "€", "BRL": "R$"}


def as_decimal(value: object) -> Decimal | None:
    """The number in `value` (text, int or Decimal), or None if it is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def number(value: object) -> str:
    """A quantity: no trailing zeros, comma for decimals, points for thousands. Empty for what is no number."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    text = f"{amount.normalize():,f}"
    whole, _, decimals = text.partition(".")
    whole = whole.replace(",", ".")
    return f"{whole},{decimals}" if decimals else whole


def money(value: object, currency: object) -> str:
    """An amount with its currency, joined by a no-break space: pesos without decimals unless it has some, others with two."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    code = str(currency or "")
    whole_pesos = code == "CLP" and amount == amount.to_integral_value()
    digits = f"{amount:,.0f}" if whole_pesos else f"{amount:,.2f}"
    swapped = digits.replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"{_SIGNS.get(code, code)}\u00a0{swapped}".strip()


def day(value: object) -> str:
    """A date, or the date of an ISO time, as dd-mm-yyyy; empty for what is none."""
    if isinstance(value, datetime | date):
        return value.strftime("%d-%m-%Y")
    try:
        return datetime.fromisoformat(str(value)).strftime("%d-%m-%Y")
    except ValueError:
        return ""
