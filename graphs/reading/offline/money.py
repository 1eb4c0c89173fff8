"""Prices in a text: the amount, the currency, and the unit it is for.

`price-parser` tells the currency sign of a span, `babel` knows which currencies have no cents (so `$18.990` and
`CLP 18,990` are both eighteen thousand). A bare `$` is the Chilean peso, except where an English text writes cents.
"""

import re
from decimal import Decimal

from babel.numbers import get_currency_precision
from price_parser import Price as PriceSpan

from domain.understanding import Language
from domain.value import Value
from graphs.reading.offline.numbers import DIGITS, parse_number
from graphs.reading.offline.units import ANY_UNIT, EACH, unit_of

_BEFORE = r"us\s?\$|u\$s?d?|usd|r\s?\$|brl|clp|clf|uf|eur|€|gbp|£|\$|mxn|pen|ars"
_AFTER = (
    r"us\s?\$|usd|u\$d|dolares(?: americanos)?|dolar|dollars?|us dollars?|reais|real|brl|r\$|euros?|eur|€|uf|clf|"
    r"clp|pesos(?: chilenos)?|"
    r"peso|lucas?(?: y media)?|luquitas|gbp|pounds sterling|\$"
)
_THOUSANDS = r"(?P<thousands>\s?k(?![a-z])|\s+mil(?![a-z]))"
_NET = r"(?:\s*(?:,|\()?\s*(?:\+\s*iva|mas iva|neto|netos|net|liquido|sin iva|s/iva|plus vat|\+ vat|ex vat)\)?)*"
_PER = (
    rf"(?P<per>\s*(?:{EACH}|(?:(?:el|la|lo|por|por cada|x|per|a|o|cada|the|al|/|each|an|by the|pela|pelo|"
    rf"p/)\s*){{1,2}}(?P<unit>{ANY_UNIT})"
    rf"|(?P<period>mensual(?:es)?|mensais|mensal|monthly|diarios?|anuales|semanales)(?![a-z])))"
)
_AMOUNT = rf"(?P<number>{DIGITS})"
PRICE = re.compile(
    rf"(?:(?<![a-z0-9])(?P<before>{_BEFORE})\s*{_AMOUNT}(?![\d])(?:{_THOUSANDS})?"
    r"(?:\s*(?P<both>usd|clp|pesos|us dollars?|reais)(?![a-z]))?"
    rf"|(?<![\w.,/$-]){_AMOUNT.replace('number', 'number2')}(?:{_THOUSANDS.replace('thousands', 'thousands2')})?"
    rf"\s*(?P<after>{_AFTER})(?![a-z0-9]))"
    rf"{_NET}(?:\s*\([^()\n]{{0,40}}(?:iva|vat)[^()\n]{{0,12}}\))?(?:{_PER})?{_NET}"
)
#: A number without a currency is a price where a unit follows it (`5.890 la bandeja`, `9.890 c/u`) or a verb of cost leads.
BARE_PRICE = re.compile(
    rf"(?<![\w.,/$-]){_AMOUNT}(?:{_THOUSANDS})?{_NET}{_PER}{_NET}"
    rf"|(?<=\ba )(?<![\w.,/$-]){_AMOUNT.replace('number', 'number2')}(?![\d.,]*\d)(?=\s*(?:$|[,.;!?\n)\x00]|neto|\+|"
    r"no mas|nomas|pero|y |cada|para |el |con |por |en ))"
    rf"|(?:precio|valor|price|preco)(?:\s+[a-z]+){{0,4}}?\s+(?:es|son|a|de|en|sera|seria|queda|quedaria|is|to|"
    r"para|e|fica|now|ahora)\s*:?\s*(?<![\w.,/$-])"
    rf"{_AMOUNT.replace('number', 'number3')}(?![\d.,]*\d)(?!\s*(?:dias|days|hrs|%))"
)
_CODES = {"us$": "USD", "u$s": "USD", "u$d": "USD", "u$sd": "USD", "u$": "USD", "r$": "BRL", "€": "EUR", "£": "GBP", "$": "$"}
_NAMES = (
    ("dol", "USD"), ("us dol", "USD"), ("rea", "BRL"), ("euro", "EUR"), ("uf", "CLF"), ("clf", "CLF"),
    ("luc", "CLP"), ("luq", "CLP"), ("pesos", "CLP"), ("peso", "CLP"), ("pounds", "GBP"),
)  # fmt: skip
_MENTION = re.compile(
    r"(?<![a-z0-9])(?:us\s?\$|usd|r\$|brl|clp|clf|\buf\b|eur(?:os?)?|€|pesos|lucas?|luquitas|dolares|dollars|reais|\$)(?![a-z])"
)


class Price(Value):
    """One price as written. `unit` is None where it was not said; `currency` is None where no sign or name stood by it."""

    start: int
    end: int
    amount: Decimal | None
    currency: str | None
    unit: str | None


def currency_code(sign: str, *, amount: str = "", language: Language = "es") -> str | None:
    """ISO 4217 for a sign or name as written (folded), or None."""
    plain = sign.replace(" ", "")
    code = _CODES.get(plain)
    if code is None:
        code = next((iso for start, iso in _NAMES if sign.strip().startswith(start)), None)
    if code is None and len(plain) == 3 and plain.isalpha():
        code = plain.upper()
    if code is None:
        code = _CODES.get((PriceSpan.fromstring(f"{sign} 1").currency or "").lower())
    if code == "$":
        cents = re.search(r"[.,]\d{2}$", amount)
        return "USD" if language == "en" and cents else "CLP"
    return code


def currencies_named(folded: str, *, language: Language) -> set[str]:
    """Every currency whose sign or name stands anywhere in a folded text."""
    found = {currency_code(match.group(), language=language) for match in _MENTION.finditer(folded)}
    if found - {"CLP", None} and "$" in re.sub(r"(?:us|r|u)\s?\$", "", folded) and language == "en":
        found.discard("CLP")
    return {code for code in found if code}


def prices(folded: str, *, language: Language, currency: str | None = None) -> list[Price]:
    """The prices of a folded text, in order. `currency` is that of the whole text, for numbers that carry none."""
    found: list[Price] = []
    for pattern in (PRICE, BARE_PRICE):
        for match in pattern.finditer(folded):
            if all(match.end() <= price.start or match.start() >= price.end for price in found):
                found.append(_read(match, language=language, currency=currency))
    return sorted(found, key=lambda price: price.start)


def _read(match: re.Match[str], *, language: Language, currency: str | None) -> Price:
    parts = match.groupdict()
    group = next(name for name in ("number", "number2", "number3") if parts.get(name))
    digits = parts[group] or ""
    sign = parts.get("both") or parts.get("after") or parts.get("before")
    code = currency_code(sign, amount=digits, language=language) if sign else currency
    # Without any currency a grouped number is thousands, as the peso is what is left unsaid.
    whole = code is None or (code != "CLF" and get_currency_precision(code) == 0)
    amount = parse_number(digits, language=language, whole_money=whole)
    if amount is not None:
        if sign and sign.startswith(("luca", "luquita")):
            amount = amount * 1000 + (500 if "media" in sign else 0)
        elif parts.get("thousands") or parts.get("thousands2"):
            amount *= 1000
    unit = None
    if parts.get("per"):
        unit = unit_of(parts.get("unit") or parts.get("period") or (parts.get("per") or "").strip(), language=language)
    start = match.start(group)
    if parts.get("before"):
        start = match.start("before")
    return Price(start=start, end=match.end(), amount=amount, currency=code if sign else None, unit=unit)
