"""`python -m tests.bench.serve bridge|floor|echo DATABASE_URL`: one uvicorn worker; its first line on stdout is its port.

All three run with the same options of uvicorn (uvloop and httptools where installed, no access log), so that the rates differ
only by what the applications do.
"""

import asyncio
import socket
import sys

import uvicorn
from starlette.types import ASGIApp

from tests.bench.apps import make_bridge, make_echo, make_floor

MAKERS = {"bridge": make_bridge, "floor": make_floor, "echo": make_echo}


def serve(app: ASGIApp) -> None:
    """Until SIGTERM."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # Several clients connect at once.
    listening.listen(1024)
    print(listening.getsockname()[1], flush=True)  # noqa: T201
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on"))
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    serve(MAKERS[sys.argv[1]](sys.argv[2]))
