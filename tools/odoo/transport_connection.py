"""Where Odoo is, who we are there, and how much of it we may take."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from domain.errors import InvalidInput

#: How to speak with a real Odoo; `auto` asks it.
WireProtocol = Literal["auto", "jsonrpc", "json2"]


@dataclass(frozen=True)
class OdooConnection:
    """`url` is `http(s)://host[:port]`; an API key works as `password`, and JSON-2 takes nothing else.

    Seconds: `timeout_seconds` bounds each wait on the socket, `budget_seconds` all that one call of the port may take,
    waiting for a thread included: keep that below the time its caller has. At most `max_workers` calls are under way at
    once, and at most `requests_per_second` begin. Raises `InvalidInput` for an URL that cannot be used.
    """

    url: str
    db: str
    username: str
    password: str = field(repr=False)
    protocol: WireProtocol = "auto"
    timeout_seconds: float = 20.0
    budget_seconds: float = 45.0
    max_workers: int = 4
    requests_per_second: float = 20.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.path.strip("/")
        if not usable or (":" in parts.netloc.rpartition("]")[2] and not _port(parts)):
            raise InvalidInput(f"Odoo's address must be http(s)://host or http(s)://host:port, not {self.url!r}.")

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is spoken."""
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        """Name or address, an IPv6 one in brackets."""
        name = urlsplit(self.url).hostname or ""
        return f"[{name}]" if ":" in name else name

    @property
    def port(self) -> int:
        """The one that was given, or the scheme's own."""
        return _port(urlsplit(self.url)) or (443 if self.is_encrypted else 80)


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None
