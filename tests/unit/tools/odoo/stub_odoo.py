"""A server that speaks just enough JSON-RPC to be taken for Odoo: greeting, login, and answers given beforehand.

Faked: Odoo. Real: odoorpc, HTTP, sockets, and the answers where they are transcripts of a real Odoo 19.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.odoo.transport import OdooConnection

PASSWORD = "hunter2-Correct-Horse"

_TRANSCRIPTS = Path(__file__).parent / "transcripts"


def transcript(name: str) -> dict[str, Any]:
    """The recorded response (`result` or `error`) of a call."""
    response: dict[str, Any] = json.loads((_TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8"))["response"]
    return response


class StubOdoo(ThreadingHTTPServer):
    """`answer` is what every `execute_kw` gets: a JSON-RPC response, or (status, body) as it is. `silent` answers nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: dict[str, Any] | tuple[int, bytes] = {"result": True}
        self.login: dict[str, Any] = {"result": 2}
        self.context: dict[str, Any] = {"lang": "es_CL", "tz": "America/Santiago"}
        self.silent = threading.Event()
        self.released = threading.Event()
        self.calls: list[dict[str, Any]] = []
        self.busy = threading.Semaphore(0)
        self.most_at_once = 0
        self.at_once = 0

    def connection(self, **changes: Any) -> OdooConnection:
        fields = {"url": f"http://127.0.0.1:{self.server_port}", "db": "d", "username": "agent", "password": PASSWORD}
        return OdooConnection(**{**fields, "timeout_seconds": 5.0, **changes})


class _Handler(BaseHTTPRequestHandler):
    server: StubOdoo

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        params = request["params"]
        if self.path == "/web/webclient/version_info":
            return self._send({"result": {"server_version": "19.0"}})
        if params["service"] == "common":
            return self._send(self.server.login)
        if params["args"][4:5] == ["context_get"] and params["method"] == "execute":
            return self._send({"result": self.server.context})
        self.server.calls.append(params)
        self.server.at_once += 1
        self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        self.server.busy.release()
        if self.server.silent.is_set():
            self.server.released.wait(10)
        self.server.at_once -= 1
        return self._send(self.server.answer)

    def _send(self, answer: dict[str, Any] | tuple[int, bytes]) -> None:
        status, body = answer if isinstance(answer, tuple) else (200, json.dumps({"jsonrpc": "2.0", **answer}).encode())
        if status == 0:
            return  # hang up without a word
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet."""


@contextmanager
def stub_odoo() -> Iterator[StubOdoo]:
    server = StubOdoo()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
