"""A server that speaks just enough JSON-RPC and JSON-2 to be taken for Odoo: greeting, login, and answers given beforehand.

Faked: Odoo. Real: odoorpc, httpx, HTTP, sockets, and the answers where they are transcripts of a real Odoo (19, or 14 in
`transcripts/odoo14`).
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.odoo.transport_connection import OdooConnection

PASSWORD = "hunter2-Correct-Horse"
API_KEY = "0123456789abcdef0123456789abcdef01234567"

_TRANSCRIPTS = Path(__file__).parent / "transcripts"

#: The `result` or `error` of JSON-RPC, which a `result` over JSON-2 stands for too; or status and body as they are.
Answer = dict[str, Any] | tuple[int, bytes]


def transcript(name: str) -> dict[str, Any]:
    """The recorded response (`result` or `error`) of a JSON-RPC call; `odoo14/…` are of Odoo 14."""
    response: dict[str, Any] = json.loads((_TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8"))["response"]
    return response


def json2_transcript(name: str) -> tuple[int, bytes]:
    """The recorded answer of a JSON-2 call: status and body."""
    recorded = json.loads((_TRANSCRIPTS / "json2" / f"{name}.json").read_text(encoding="utf-8"))
    response = recorded["response"]
    page = response.get("_raw") if isinstance(response, dict) else None
    return recorded["http_status"], (page if page is not None else json.dumps(response)).encode()


class StubOdoo(ThreadingHTTPServer):
    """`answer` is what every call gets; `answers`, while there are any, come first. `silent` answers nothing.

    `release` None: an Odoo before 19, which has neither `/web/version` nor JSON-2.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Answer = {"result": True}
        self.answers: list[Answer] = []
        self.login: Answer = {"result": 2}
        self.release: str | None = "19.0"
        self.version_page: Answer | None = None
        self.key_of = {API_KEY: "agent"}
        self.context: dict[str, Any] = {"lang": "es_CL", "tz": "America/Santiago"}
        self.silent = threading.Event()
        self.released = threading.Event()
        self.calls: list[dict[str, Any]] = []
        self.asked: list[tuple[float, str]] = []
        self.bearers: list[str] = []
        self.busy = threading.Semaphore(0)
        self.most_at_once = 0
        self.at_once = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is nothing to speak of."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def connection(self, **changes: Any) -> OdooConnection:
        fields = {"url": f"http://127.0.0.1:{self.server_port}", "db": "d", "username": "agent", "password": PASSWORD}
        if changes.get("protocol") == "json2":
            fields["password"] = API_KEY
        return OdooConnection(**{**fields, "timeout_seconds": 5.0, **changes})


class _Handler(BaseHTTPRequestHandler):
    server: StubOdoo

    def do_GET(self) -> None:
        self.server.asked.append((time.monotonic(), self.path))
        if self.server.version_page is not None:
            return self._send(self.server.version_page)
        if self.path != "/web/version" or self.server.release is None:
            return self._send((404, b"<html>Not Found</html>"))
        number = int(self.server.release.split(".")[0])
        return self._json({"version": self.server.release, "version_info": [number, 0, 0, "final", 0, ""]})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((time.monotonic(), self.path))
        if self.path.startswith("/json/2/"):
            return self._json2(request)
        params = request["params"]
        if self.path == "/web/webclient/version_info":
            return self._send({"result": {"server_version": self.server.release or "14.0"}})
        if params["service"] == "common":
            return self._send(self.server.login)
        if params["args"][4:5] == ["context_get"] and params["method"] == "execute":
            return self._send({"result": self.server.context})
        return self._called(params, self._send)

    def _json2(self, request: dict[str, Any]) -> None:
        bearer = self.headers["Authorization"].removeprefix("Bearer ")
        self.server.bearers.append(bearer)
        if self.server.release is None:
            return self._send((404, b"<html>Not Found</html>"))
        if bearer not in self.server.key_of:
            return self._send(json2_transcript("018_err_bad_key"))
        if self.path.endswith("/res.users/context_get") and "context" not in request:
            return self._json({**self.server.context, "uid": 2})
        if self.path.endswith("/res.users/read") and request.get("fields") == ["login"]:
            return self._json([{"id": 2, "login": self.server.key_of[bearer]}])
        call = {"path": self.path, "body": request, "database": self.headers["X-Odoo-Database"]}
        return self._called(call, lambda answer: self._json(answer["result"]) if "result" in answer else self._send(answer))

    def _called(self, call: dict[str, Any], send: Callable[[Any], None]) -> None:
        self.server.calls.append(call)
        self.server.at_once += 1
        self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        self.server.busy.release()
        if self.server.silent.is_set():
            self.server.released.wait(10)
        self.server.at_once -= 1
        send(self.server.answers.pop(0) if self.server.answers else self.server.answer)

    def _json(self, value: Any) -> None:
        self._send((200, json.dumps(value).encode()))

    def _send(self, answer: Answer) -> None:
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
