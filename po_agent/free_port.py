"""A port that nobody uses now. Another program may take it in the next instant; whoever binds it then says so."""

import socket


def free_port() -> int:
    """A free TCP port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
