"""Where spans go: in the background to the OTLP collector of OTEL_EXPORTER_OTLP_ENDPOINT. Without it, nothing is loaded.

One provider a process, whichever part of it comes first. OpenTelemetry's own variables are heeded too, such as
OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS (a collector's key).
"""

import threading
from functools import cache
from typing import TYPE_CHECKING

from po_agent.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

#: Seconds that one export may take, and that the end of the process waits for the last one.
_PATIENCE = 5

#: Milliseconds between two exports: a process that is killed loses no more.
_EVERY = 1_000

#: Each event loop of a process starts it.
_STARTING = threading.Lock()


def start_tracing(settings: Settings) -> None:
    """Send spans from now on, if there is a place to send them to. Blocking (the library is loaded); may be called again."""
    if settings.otel_exporter_otlp_endpoint is not None:
        with _STARTING:
            _processor(settings.otel_exporter_otlp_endpoint.rstrip("/"))


def flush_traces(settings: Settings) -> None:
    """Send what was not sent yet. Blocking, though never for long: a collector that is away must not keep a process alive."""
    if settings.otel_exporter_otlp_endpoint is None:
        return
    processor = _processor(settings.otel_exporter_otlp_endpoint.rstrip("/"))
    flushing = threading.Thread(target=processor.force_flush, daemon=True)
    flushing.start()
    flushing.join(_PATIENCE)


@cache
def _processor(endpoint: str) -> "BatchSpanProcessor":
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=_PATIENCE)
    processor = BatchSpanProcessor(exporter, schedule_delay_millis=_EVERY)
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        resource = Resource.create()
        if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
            resource = resource.merge(Resource({SERVICE_NAME: "po-agent"}))
        provider = TracerProvider(resource=resource)
        trace.set_tracer_provider(provider)
    # A provider that another library of this process has set is used, not fought.
    provider.add_span_processor(processor)
    return processor
