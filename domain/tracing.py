"""Spans: what happened to a turn, when and where, joined into one trace across processes.

OpenTelemetry's API alone, which does nothing until a program sets a provider (`po_agent/tracing.py` does, if it is told where
to send traces). A trace goes from one process to another as a W3C `traceparent`: `00-<trace>-<span>-<flags>`. Spans carry ids
and words of ours, never what anybody wrote: not even an error's text, which may quote it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACER = trace.get_tracer("po_agent")
_W3C = TraceContextTextMapPropagator()
_HEADER = "traceparent"


@contextmanager
def span(name: str, *, parent: str | None = None, **ids: object) -> Iterator[None]:
    """A span for the block, within that of `parent` (a traceparent), else within the present one. None is no attribute."""
    within = _W3C.extract({_HEADER: parent}, context=Context()) if parent else None
    with _TRACER.start_as_current_span(name, context=within, record_exception=False, set_status_on_exception=False) as current:
        describe(**ids)
        try:
            yield
        except Exception as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def describe(**ids: object) -> None:
    """Add attributes to the present span. A UUID or the like is told as text; None is left out."""
    current = trace.get_current_span()
    for key, value in ids.items():
        if value is not None:
            current.set_attribute(key, value if isinstance(value, bool | int | float | str) else str(value))


def traceparent() -> str | None:
    """The present span, to be joined elsewhere; None where nothing is traced."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(_HEADER)
