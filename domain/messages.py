"""Messages: one text in or out, and the steps its status may take.

Inbound: `received → read` (a turn answered it) or `withdrawn` (the supplier deleted it first).
Outbound: `queued → sent → delivered → read`, or `failed`, or `cancelled` (never sent, on purpose).
"""

from enum import StrEnum

from domain.errors import ImpossibleTransition


class Direction(StrEnum):
    """From the supplier (inbound) or to the supplier (outbound)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Author(StrEnum):
    """Who wrote a message: the supplier, this agent, or a person of our own team."""

    SUPPLIER = "supplier"
    AGENT = "agent"
    PERSON = "person"


class MessageStatus(StrEnum):
    """Where a message stands; which of them fit depends on its direction (`STATUSES`)."""

    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = MessageStatus

TRANSITIONS: dict[Direction, dict[MessageStatus, frozenset[MessageStatus]]] = {
    Direction.INBOUND: {
        _S.RECEIVED: frozenset({_S.READ, _S.WITHDRAWN}),
        _S.READ: frozenset(),
        _S.WITHDRAWN: frozenset(),
    },
    Direction.OUTBOUND: {
        _S.QUEUED: frozenset({_S.SENT, _S.DELIVERED, _S.READ, _S.FAILED, _S.CANCELLED}),
        # Chatwoot accepts a message and tells of its failure later; receipts may also skip a step.
        _S.SENT: frozenset({_S.DELIVERED, _S.READ, _S.FAILED}),
        _S.DELIVERED: frozenset({_S.READ, _S.FAILED}),
        _S.READ: frozenset(),
        _S.FAILED: frozenset({_S.QUEUED}),
        _S.CANCELLED: frozenset(),
    },
}

#: Which statuses belong to which direction; the database checks the same.
STATUSES: dict[Direction, frozenset[MessageStatus]] = {way: frozenset(steps) for way, steps in TRANSITIONS.items()}


def check_message_step(direction: Direction, before: MessageStatus, after: MessageStatus) -> None:
    """Raise `ImpossibleTransition` unless a message of this direction may go from `before` to `after`."""
    if after not in TRANSITIONS[direction].get(before, frozenset()):
        raise ImpossibleTransition(f"An {direction} message that is {before} cannot become {after}.")
