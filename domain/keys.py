"""Names that come out the same however often the same work is tried: threads, operations, deliveries.

They are made of the unit of work alone, never of a random number and never of a text that a model wrote.
"""

from uuid import UUID, uuid5

_NAMESPACE = UUID("6f0d3a52-8f5e-5c1b-9f6e-3a1d1f2b7c44")


def thread_id_of(conversation_id: UUID) -> UUID:
    """The LangGraph thread of a conversation (the server takes UUIDs only)."""
    return uuid5(_NAMESPACE, f"thread:{conversation_id}")


def operation_key(*, conversation_id: UUID, turn_id: int, step: int, action: str) -> str:
    """The key of one effect: 32 hexadecimal digits, also fit for an external id of Odoo's.

    The conversation is in it because turn ids begin again in a new database, while Odoo remembers the old one's keys.
    """
    return uuid5(_NAMESPACE, f"operation:{conversation_id}:{turn_id}:{step}:{action}").hex


def delivery_key(*, conversation_id: UUID, turn_id: int, seq: int) -> str:
    """The key of one outgoing message: Chatwoot carries it, and a message is recognised as ours by it."""
    return str(uuid5(_NAMESPACE, f"delivery:{conversation_id}:{turn_id}:{seq}"))


def requested_delivery_key(idempotency_key: str) -> str:
    """The key of a message that a caller of `/outbound/send` asked for under a key of its own."""
    return str(uuid5(_NAMESPACE, f"request:{idempotency_key}"))


def link_key(*supplier_ids: UUID) -> str:
    """The key of the question which company a supplier is; of two, whose contacts are whose."""
    return uuid5(_NAMESPACE, f"link:{':'.join(sorted(map(str, supplier_ids)))}").hex
