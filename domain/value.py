"""The base of every value object: immutable, strict about unknown fields, the same in Python and in JSON.

A misspelt field in a stored plan or an answer of a model must fail, not vanish: hence `extra="forbid"`.
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value. `to_json` and `from_json` are exact inverses (Decimals and dates travel as text)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types only: fit for a JSON column, a checkpoint or an HTTP answer."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Raise `pydantic.ValidationError` if `data` is not what `to_json` gives."""
        return cls.model_validate(data)
