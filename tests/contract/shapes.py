"""Keys and types of a payload, to compare what the stand-in sends with the fixtures."""

from typing import Any

#: What is null in one payload and filled in another: both are right.
_NULLABLE = {
    "email", "identifier", "phone_number", "assignee", "assignee_type", "first_reply_created_at", "source_id", "assignee_id",
    "in_reply_to", "previous_value", "snoozed_until",
}  # fmt: skip


def shape(value: Any, key: str = "") -> Any:
    """Keys and types of a payload, without its values."""
    if key in _NULLABLE:
        return "any"
    if isinstance(value, dict):
        return {name: shape(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each, key) for each in value[:1]] if key not in ("references", "cc_emails") else "list"
    return type(value).__name__
