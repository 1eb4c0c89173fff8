"""`python -m tests.bench.load_client`: posts signed webhooks as fast as they are answered, each time a line asks for it.

A process of its own, on raw asyncio streams with connections kept open, and every request built before the clock starts: what
it costs a request is a small part of what the servers do (its rate against an empty application shows it). It reads one JSON
object a line (`port`, `clients`, `seconds`, `contacts`, and `requests` if so many are enough), and writes one: the seconds it
took and every latency in milliseconds, or a `failure`. Message ids are new each time.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from tests.acceptance.server.product import whatsapp_webhook
from tests.bench.apps import PATH, SECRET
from tests.contract.material import signed

#: Requests a second that no server here reaches.
_MOST = 8_000

FIRST_CONTACT = 100_000
_MARK = 987_654_321_987


def contact(number: int) -> dict[str, object]:
    """The contact with this number, with a phone of its own."""
    return {"id": FIRST_CONTACT + number, "name": f"Proveedor {number}", "phone_number": f"+5697{1_000_000 + number}"}


def requests(first_id: int, count: int, contacts: int) -> list[bytes]:
    """Whole HTTP requests: new message ids from `first_id` on, the contacts in turn."""
    templates = [
        whatsapp_webhook(
            "Le ofrezco 40 sacos de harina panadera 25 kg a $17.900 c/u, entrega el jueves",
            message_id=_MARK,
            conversation_id=FIRST_CONTACT + number,
            contact=contact(number),
        )
        for number in range(contacts)
    ]
    now = int(time.time())
    made = []
    for number in range(first_id, first_id + count):
        body = templates[number % contacts].replace(str(_MARK).encode(), str(number).encode())
        head = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **signed(body, secret=SECRET, timestamp=now)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        made.append(f"POST {PATH} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    return made


class NotAcknowledged(Exception):
    """A webhook was answered with something else than 200 and `stored`."""


async def one_client(port: int, todo: Iterator[bytes], end: float, latencies: list[float]) -> None:
    """Post, wait for the whole answer, post again, until the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < end and (request := next(todo, None)) is not None:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        latencies.append((time.perf_counter() - began) * 1000)
        if not head.startswith(b"HTTP/1.1 200") or b'"stored"' not in answer:
            raise NotAcknowledged(f"{head[:100]!r} {answer[:200]!r}")
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def run(port: int, clients: int, seconds: float, todo: list[bytes]) -> dict[str, object]:
    """All clients at once."""
    latencies: list[float] = []
    left = iter(todo)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(one_client(port, left, began + seconds, latencies))
    return {"seconds": time.perf_counter() - began, "latencies_ms": latencies}


def main() -> None:
    """Until standard input ends."""
    loop = _loop()
    first_id = 1_000_000
    for line in sys.stdin:
        asked = json.loads(line)
        count = asked["requests"] or int(asked["seconds"] * _MOST)
        todo = requests(first_id, count, asked["contacts"])
        first_id += count
        try:
            answer = loop.run_until_complete(run(asked["port"], asked["clients"], asked["seconds"], todo))
        except* (NotAcknowledged, OSError, asyncio.IncompleteReadError) as failures:
            answer = {"failure": repr(failures.exceptions[0])}
        print(json.dumps(answer), flush=True)  # noqa: T201


def _loop() -> asyncio.AbstractEventLoop:
    with suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()


if __name__ == "__main__":
    main()
