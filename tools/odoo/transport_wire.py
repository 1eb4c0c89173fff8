"""What a protocol to Odoo must be able to do. `OdooTransport` puts threads, patience and caution around it.

All methods block, may be called from several threads, and answer or raise within about `timeout` seconds: what
`tools.odoo.errors` says, without a cause or context, because a protocol's own frames may hold the password.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Named = Mapping[str, Any]


class Wire(Protocol):
    """One protocol, to one Odoo, as one user."""

    def execute(self, model: str, method: str, args: Sequence[Any], named: Named, context: Named, *, timeout: float) -> Any:
        """Call a method, in the user's context and what `context` adds. On records, `args` begins with their ids."""
        ...

    def user_context(self, *, timeout: float) -> dict[str, Any]:
        """The user's language, time zone and id, asked once."""
        ...

    def version(self, *, timeout: float) -> str:
        """Odoo's version, such as `19.0`."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
