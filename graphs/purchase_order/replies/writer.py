"""From outcomes to the words that go out. Facts come from the outcomes alone; nothing is invented and nothing is left out.

Numbers, money and dates are written as the reader's country writes them (Babel).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal

from domain.orders import Order
from domain.plan import Outcome
from domain.understanding import Language
from graphs.purchase_order.replies.phrases import LOCALES, PHRASES, STATES

#: Of these only our own team hears: the supplier was told that a person looks into it.
_UNSAID = {"asked_again", "not_carried_out"}

_PRICED_AT: dict[Language, str] = {"es": "a", "en": "at", "pt": "a"}


def write_reply(outcomes: Sequence[Outcome], *, language: Language) -> list[str]:
    """One message for all outcomes, in order; no phrase is said twice. No outcome, no reply."""
    phrases = dict.fromkeys(_phrase(outcome, language) for outcome in outcomes if outcome.kind not in _UNSAID)
    return ["\n\n".join(phrases)] if phrases else []


def _phrase(outcome: Outcome, language: Language) -> str:
    # An order may have gone further than the step asked for (it was received already): then its state is the answer.
    phrases = PHRASES[language]
    template = phrases.get(outcome.kind) or phrases["check_order_status"]
    return template.format_map(_blanks(outcome.facts, language)).strip()


def _blanks(facts: dict[str, Any], language: Language) -> dict[str, str]:
    """Everything a phrase may ask for, as far as the outcome has it."""
    candidates = facts.get("candidates") or {}
    blanks = {"candidates": "\n".join(_doubt(words, names) for words, names in candidates.items())}
    if isinstance(facts.get("order"), dict):
        order = Order.from_json(facts["order"])
        blanks |= {
            "name": order.name,
            "state": STATES[language][order.state],
            "total": money(order.amount_untaxed, order.currency, language),
            "lines": "\n".join(
                f"• {quantity(line.quantity, language)} {units(line.unit, line.quantity)} {line.product}"
                f" {_PRICED_AT[language]} {money(line.unit_price, order.currency, language)}"
                for line in order.lines
            ),
        }
    return blanks


def _doubt(words: str, names: Sequence[str]) -> str:
    return "• " + ": ".join(filter(None, (words, f"{' / '.join(names)}?" if names else "")))


def money(amount: Decimal, currency: str, language: Language) -> str:
    """An amount as the reader writes it: `$18.990` for pesos in Chile, `US$12,50` for dollars. Nothing is rounded off."""
    return format_currency(amount.normalize(), currency, locale=LOCALES[language], decimal_quantization=False)


def units(unit: str, amount: Decimal) -> str:
    """The unit as one says it of so many: `saco`, `sacos`; `bidón`, `bidones`. Abbreviations and plurals stay."""
    word = unit.strip()
    if amount == 1 or not word.isalpha() or len(word) < 4 or word.endswith("s"):
        return word
    if word[-1] in "aeiouáéíóú":
        return word + "s"
    # Spanish drops the accent of the last syllable: bidón, bidones.
    stem = word[:-2] + word[-2:].translate(str.maketrans("áéíóú", "aeiou"))
    return stem + "es"


def quantity(amount: Decimal, language: Language) -> str:
    """A quantity as the reader writes it, without superfluous zeros."""
    return format_decimal(amount.normalize(), locale=LOCALES[language])
