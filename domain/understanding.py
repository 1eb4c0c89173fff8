"""What a reader makes of a supplier's burst: the only thing about a text that the rest of the agent ever acts on.

Two readers fill it (a chat model and the offline interpreter); neither has tools. The meaning of each field is that of
the labelling guide (`eval/GUIDE.md`). A value that was not said is None.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol

from pydantic import Field

from domain.value import Value


class Intent(StrEnum):
    """What a supplier wants, from what commits the company most to what commits it least."""

    CONFIRM_ORDER = "confirm_order"
    MODIFY_ORDER = "modify_order"
    CANCEL_ORDER = "cancel_order"
    NEW_QUOTE = "new_quote"
    DELIVERY_UPDATE = "delivery_update"
    BILLING_QUESTION = "billing_question"
    TALK_TO_HUMAN = "talk_to_human"
    ORDER_STATUS = "order_status"
    SMALLTALK = "smalltalk"
    UNCLEAR = "unclear"


Language = Literal["es", "en", "pt"]


class OfferedLine(Value):
    """Goods as the supplier words them. Price per unit, net; a product taken off an order has quantity 0."""

    product: str | None = Field(default=None, description="The goods in the supplier's own words.")
    quantity: Decimal | None = Field(default=None, description="How many units; null if not said.")
    unit: str | None = Field(default=None, description="The unit in the supplier's own words, such as saco or kg.")
    unit_price: Decimal | None = Field(default=None, description="Price of one unit, net; null if not said.")
    currency: str | None = Field(default=None, description="ISO 4217 code; null if not said.")


class ModelUsage(Value):
    """The tokens that a model read and wrote for one reading, its repair included."""

    model: str
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)

    def added_to(self, counted: Mapping[str, Any] | None) -> dict[str, Any]:
        """What `turn.usage` holds, `{model: {"input": 812, "output": 90}}`, with this reading in it."""
        tokens = dict(counted or {})
        before = tokens.get(self.model, {})
        tokens[self.model] = {
            "input": before.get("input", 0) + self.input_tokens,
            "output": before.get("output", 0) + self.output_tokens,
        }
        return tokens


class Understanding(Value):
    """One burst, understood. `intent` is the most committing one; `also` names further ones to be handled."""

    intent: Intent
    order_ref: str | None = Field(default=None, description="The order they speak of, such as P00045.")
    lines: tuple[OfferedLine, ...] = ()
    delivery_date: date | None = Field(default=None, description="The date they promise or ask for.")
    language: Language = "es"
    needs_human: bool = Field(default=False, description="A person must step in before anything is done.")
    reason: str | None = Field(default=None, description="Why a person is needed, or what is unclear.")
    confidence: float = Field(default=1.0, ge=0, le=1)
    also: tuple[Intent, ...] = ()
    usage: ModelUsage | None = Field(default=None, exclude=True, description="What it cost. Not stored with it.")


class OpenOrderFacts(Value):
    """What a reader may know of the supplier's one active order. `state` is Odoo's word: draft, sent, purchase …"""

    ref: str
    state: str
    lines: tuple[OfferedLine, ...] = ()
    delivery_date: date | None = None


class ReadingContext(Value):
    """Facts beside the words: relative dates resolve against `today` (the supplier's local date in `timezone`)."""

    today: date
    timezone: str = "America/Santiago"
    channel: str = "whatsapp"
    open_order: OpenOrderFacts | None = None
    last_agent_message: str | None = None


class Reader(Protocol):
    """The seam: reads a burst of texts, in order. It has no tools and no effects."""

    name: str

    async def read(self, messages: Sequence[str], context: ReadingContext) -> Understanding:
        """Raise `UpstreamError` if the reader cannot answer now; never invent a value."""
        ...


def same_binding_reading(one: Understanding, other: Understanding) -> bool:
    """Whether two readings bind the company to the same thing: intent, order, lines and date are equal.

    The words for a product or unit may differ in case and spacing; numbers may not differ at all.
    """

    def words(text: str | None) -> str | None:
        return " ".join(text.lower().split()) if text else None

    def binding(reading: Understanding) -> tuple[object, ...]:
        lines = tuple(
            (words(line.product), line.quantity, words(line.unit), line.unit_price, line.currency) for line in reading.lines
        )
        return reading.intent, reading.order_ref, lines, reading.delivery_date, reading.needs_human

    return binding(one) == binding(other)
