"""A collector of traces as the product meets it: OTLP over HTTP on a socket of 127.0.0.1, which keeps every span it is sent."""

import asyncio
import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Collected:
    """One span. Ids in hexadecimal; `parent` is empty for the first of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    service: str
    attributes: dict[str, Any]
    failed: bool
    status_message: str
    events: int


@dataclass
class Collector:
    """What came in, newest last, and the raw bytes of it all."""

    url: str = ""
    spans: list[Collected] = field(default_factory=list)
    raw: bytes = b""

    def named(self, name: str) -> list[Collected]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]

    async def take(self, request: Request) -> Response:
        """`POST /v1/traces`."""
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _plain(resource.resource.attributes).get("service.name", "")
            self.spans += [_collected(span, service) for scope in resource.scope_spans for span in scope.spans]
        return Response(b"", media_type="application/x-protobuf")


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector in a thread of its own, since what sends to it may block the test's event loop."""
    collector = Collector()
    app = Starlette(routes=[Route("/v1/traces", collector.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "The collector did not start."
        thread.join(0.01)
    collector.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield collector
    finally:
        server.should_exit = True
        thread.join(10)


def _collected(span: Any, service: str) -> Collected:
    return Collected(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        service=service,
        attributes=_plain(span.attributes),
        failed=span.status.code == 2,
        status_message=span.status.message,
        events=len(span.events),
    )


def _plain(attributes: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}
