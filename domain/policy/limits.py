"""The company's limits: each is a setting `POLICY_…` of the same name (`po_agent/settings.py`)."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from domain.public_holidays import holiday_name
from domain.value import Value


class PolicyLimits(Value):
    """What the agent may go by on its own.

    Shares are of one: 0.05 is 5 %. Amounts are net, by ISO 4217 code (`CLF` is the UF); a currency that is not listed is
    converted at the rates given, and is within no limit where there is no rate. Dates and hours are the company's own.
    """

    confidence: float = Field(default=0.7, ge=0, le=1)
    price_tolerance: Decimal = Field(default=Decimal("0.05"), ge=0)
    price_drop: Decimal = Field(default=Decimal("0.30"), ge=0, le=1)
    history_days: int = Field(default=180, ge=1)
    confirm_limit: Mapping[str, Decimal] = {"CLP": Decimal(2_000_000), "USD": Decimal(2_500)}
    freight_limit: Mapping[str, Decimal] = {"CLP": Decimal(50_000), "USD": Decimal(60)}
    first_order_to_person: bool = True
    quantity_factor: Decimal = Field(default=Decimal(3), gt=0)
    quantity_tolerance: Decimal = Field(default=Decimal("0.05"), ge=0, le=1)
    stock_cover: Decimal = Field(default=Decimal(3), gt=0)
    date_tolerance_days: int = Field(default=2, ge=0)
    receipt_tolerance: Decimal = Field(default=Decimal("0.05"), ge=0)
    quiet_hours: tuple[time, time] | None = (time(20), time(8))
    workdays: tuple[int, ...] = Field(default=(1, 2, 3, 4, 5), min_length=1, description="ISO days: 1 is Monday.")
    holidays: str | None = Field(default="CL", description="ISO 3166 code of the country whose holidays are kept.")

    @model_validator(mode="after")
    def _holidays_are_known(self) -> Self:
        if self.holidays is not None:
            holiday_name(date(2000, 1, 1), country=self.holidays)
        return self
