"""Spans as they leave: what an attempt tells of the server that was asked."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pisang.core.current import TRACEPARENT
from pisang.telemetry.observer import TRACE, Observer
from pisang.telemetry.traces import RequestTrace, Traces


class Watched(Observer):
    """An observer whose spans are kept here."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.sent))
        self.traces = Traces(provider)

    def asked(self, server: tuple[str, int] | None, *, kind: str = "google") -> ReadableSpan:
        """The span of one attempt."""
        observed = self.attempt(
            engine="e", kind=kind, model="m", route="r", number=1, before="", server=server
        )
        assert observed is not None
        observed.opened()
        observed.ended()
        (span,) = self.sent.get_finished_spans()
        return span


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched()
    assert made.traces is not None
    trace = RequestTrace(made.traces, made.traces.request("POST", (), {}))
    watched, upstream = TRACE.set(trace), TRACEPARENT.set("")
    yield made
    TRACE.reset(watched)
    TRACEPARENT.reset(upstream)  # an attempt has set it
    made.traces.close()


def test_an_attempt_tells_the_server_that_was_asked(watched: Watched) -> None:
    span = watched.asked(("generativelanguage.googleapis.com", 443))
    assert span.attributes is not None
    assert span.attributes["server.address"] == "generativelanguage.googleapis.com"
    assert span.attributes["server.port"] == 443


@pytest.mark.parametrize("kind", ["sketch", "plain"])
def test_an_engine_without_a_server_tells_none(kind: str, watched: Watched) -> None:
    span = watched.asked(None, kind=kind)
    assert span.attributes is not None
    assert span.attributes["pisang.engine"] == "e"
    assert not {"server.address", "server.port"} & span.attributes.keys()


def test_where_nobody_watches_an_attempt_is_not_observed() -> None:
    observed = Observer().attempt(
        engine="e", kind="google", model="m", route="r", number=1, before="", server=("h", 1)
    )
    assert observed is None
