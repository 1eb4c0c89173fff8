"""Small makers of readings that several rules share."""

from domain.understanding import Intent, Understanding

#: How sure the rules are of what they decide, and of what they leave open.
SURE, UNSURE = 0.9, 0.3


def unclear(reason: str) -> Understanding:
    """A reading that decides nothing, with what could not be told."""
    return Understanding(intent=Intent.UNCLEAR, reason=reason, confidence=UNSURE)


def only(refs: tuple[str, ...]) -> str | None:
    """The one order of `refs`, or None where there are none or several."""
    return refs[0] if len(refs) == 1 else None
