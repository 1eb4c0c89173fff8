"""Facts that the tests of reading share: one supplier with one open order."""

from datetime import date
from decimal import Decimal

from domain.understanding import OfferedLine, OpenOrderFacts, ReadingContext

TODAY = date(2026, 11, 23)  # a Monday


def context(
    *, state: str = "sent", asked: str | None = None, open_order: bool = True, channel: str = "whatsapp", price: str = "24500"
) -> ReadingContext:
    """P00045: 15 drums of detergent at 24500 CLP for Friday 4 December, and what we said last."""
    line = OfferedLine(
        product="Detergente industrial 20 L",
        quantity=Decimal(15),
        unit="bidón",
        unit_price=Decimal(price),
        currency="CLP",
    )
    order = OpenOrderFacts(ref="P00045", state=state, lines=(line,), delivery_date=date(2026, 12, 4))
    return ReadingContext(today=TODAY, channel=channel, open_order=order if open_order else None, last_agent_message=asked)


ASKED = "¿Nos confirma la P00045: 15 bidones de detergente a $24.500, entrega 04/12?"
