"""How much the agent may do on its own; the installation sets it, a supplier may have a stricter one of its own."""

from enum import StrEnum


class AgentMode(StrEnum):
    """From watching to acting."""

    SHADOW = "shadow"
    ASSIST = "assist"
    AUTO = "auto"


_FREEDOM = [AgentMode.SHADOW, AgentMode.ASSIST, AgentMode.AUTO]


def stricter(installation: AgentMode, supplier: str | None) -> AgentMode:
    """The mode that counts for a supplier: its own can only take freedom away."""
    if supplier is None:
        return installation
    return min(installation, AgentMode(supplier), key=_FREEDOM.index)
