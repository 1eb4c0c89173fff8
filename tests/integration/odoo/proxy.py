"""A proxy on loopback between us and Odoo that makes trouble: it delays, cuts, and answers in Odoo's place.

Real: the sockets, and Odoo behind it. It understands enough of JSON-RPC and JSON-2 to know which method of Odoo a request
calls, so that a test can say where the trouble is.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from urllib.parse import urlsplit

#: Seconds: less than any timeout in the tests.
DELAY = 0.5

_BAD_GATEWAY = (502, b"<html><h1>502 Bad Gateway</h1></html>")
_PAGE = (200, b"<html><h1>We are working on our systems</h1></html>")


class Trouble(StrEnum):
    """What becomes of a request. `…_BEFORE`: Odoo never hears of it. `…_AFTER`: Odoo has committed, and we never hear of it."""

    NONE = "none"
    DELAYED = "delayed"
    CUT_BEFORE = "cut_before"
    BAD_GATEWAY_BEFORE = "502_before"
    PAGE_BEFORE = "html_before"
    CUT_AFTER = "cut_after"
    BAD_GATEWAY_AFTER = "502_after"
    PAGE_AFTER = "html_after"
    #: The client gives up waiting.
    SILENT_AFTER = "silent_after"

    @property
    def odoo_hears(self) -> bool:
        """Whether Odoo gets the request."""
        return not self.endswith("_before")


class Proxy:
    """`trouble` decides by the method of Odoo that is called (`search_read`, `button_confirm`, `login` …).

    `forwarded` lists the methods that Odoo heard, in order; `troubled` counts the requests that met with trouble.
    """

    def __init__(self, target_url: str) -> None:
        self._target = urlsplit(target_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.trouble: Callable[[str], Trouble] = lambda method: Trouble.NONE
        self.forwarded: list[str] = []
        self.troubled = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def make(self, trouble: Trouble, method: str, *, times: int) -> None:
        """`trouble` for the next `times` calls of `method`."""
        left = times

        def decide(called: str) -> Trouble:
            nonlocal left
            if called != method or left == 0:
                return Trouble.NONE
            left -= 1
            return trouble

        self.trouble = decide

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                while request := _whole(client):
                    if not self._deal_with(request, client):
                        return
            except ConnectionError:
                return  # the client is gone

    def _deal_with(self, request: bytes, client: socket.socket) -> bool:
        """Whether the client may send another request on this connection."""
        method = _method(request)
        trouble = self.trouble(method)
        self.troubled += trouble is not Trouble.NONE
        answer = b""
        if trouble.odoo_hears:
            self.forwarded.append(method)
            answer = self._ask_odoo(request)
        match trouble:
            case Trouble.CUT_BEFORE | Trouble.CUT_AFTER:
                return False
            case Trouble.SILENT_AFTER:
                client.recv(1)  # returns once the client has given up
                return False
            case Trouble.BAD_GATEWAY_BEFORE | Trouble.BAD_GATEWAY_AFTER:
                answer = _response(*_BAD_GATEWAY)
            case Trouble.PAGE_BEFORE | Trouble.PAGE_AFTER:
                answer = _response(*_PAGE)
            case Trouble.DELAYED:
                time.sleep(DELAY)
        client.sendall(answer)
        return True

    def _ask_odoo(self, request: bytes) -> bytes:
        with socket.create_connection((self._target.hostname, self._target.port)) as odoo:
            odoo.sendall(request)
            return _whole(odoo)


def _whole(connection: socket.socket) -> bytes:
    """One HTTP message with a `Content-Length`, or without a body; empty if the other side is gone."""
    message = b""
    while chunk := connection.recv(65536):
        message += chunk
        head, ended, body = message.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if ended and len(body) >= int(lengths[0] if lengths else 0):
            break
    return message


def _method(request: bytes) -> str:
    """The method of Odoo: the path's last part over JSON-2, a parameter over JSON-RPC (there `login` is one of a service)."""
    head, _, body = request.partition(b"\r\n\r\n")
    path = head.split(b" ")[1].decode()
    if path != "/jsonrpc":
        return path.rpartition("/")[2]
    params = json.loads(body)["params"]
    return str(params["args"][4] if params["service"] == "object" else params["method"])


def _response(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d -\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@contextmanager
def proxy_to(target_url: str) -> Iterator[Proxy]:
    """A proxy that lets everything through until a test says otherwise."""
    proxy = Proxy(target_url)
    try:
        yield proxy
    finally:
        proxy.close()
