"""A TCP proxy on loopback that lets requests through and holds answers back: the client times out, the server commits."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class SlowProxy:
    """`holds(request)` decides whether the answer to these bytes is kept back until the client is gone."""

    def __init__(self, target_url: str) -> None:
        self._target = urlsplit(target_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.holds: Callable[[bytes], bool] = lambda request: False
        self.held = 0
        self._closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection((self._target.hostname, self._target.port)) as server:
            request = _whole_request(client)
            server.sendall(request)
            answer = b""
            while chunk := server.recv(65536):
                answer += chunk
                if _complete(answer):
                    break
            if self.holds(request):
                self.held += 1
                client.recv(1)  # returns once the client has given up
            else:
                client.sendall(answer)


def _complete(message: bytes) -> bool:
    head, end, body = message.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and bool(lengths) and len(body) >= int(lengths[0])


def _whole_request(client: socket.socket) -> bytes:
    request = b""
    while not _complete(request):
        chunk = client.recv(65536)
        if not chunk:
            break
        request += chunk
    return request


@contextmanager
def slow_proxy(target_url: str) -> Iterator[SlowProxy]:
    proxy = SlowProxy(target_url)
    try:
        yield proxy
    finally:
        proxy.close()
