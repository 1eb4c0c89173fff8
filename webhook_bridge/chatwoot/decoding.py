"""From a webhook's bytes to an object that is safe to read and to store, or `NotUnderstood`.

Postgres takes neither NUL in text nor half a surrogate pair: the first is dropped (it shows as nothing), the second
cannot come from Rails at all and is refused. The parser bounds depth and numbers, so hostile input costs nothing.
"""

from typing import Any

from pydantic_core import from_json

from domain.errors import InvalidInput


class NotUnderstood(InvalidInput):
    """A webhook that we cannot read: it is set aside as it came, for a person to look at."""

    code = "not_understood"


def decode(raw_body: bytes) -> dict[str, Any]:
    """The JSON object in `raw_body`. Raise `NotUnderstood` for anything else, or beyond 200 levels of nesting."""
    try:
        payload = from_json(raw_body, allow_inf_nan=False)
    except ValueError as error:
        raise NotUnderstood(f"It is no JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise NotUnderstood("It is no JSON object.")
    # In JSON a NUL can only be written as an escape: a body without one needs no cleaning.
    cleaned: dict[str, Any] = _without_nul(payload) if b"\\u0000" in raw_body else payload
    return cleaned


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
