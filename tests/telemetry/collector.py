"""A collector of traces on loopback: what OpenTelemetry's exporter sends, as plain values."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.upstream import Received, Upstream, standing, whole


@dataclass(frozen=True)
class Seen:
    """One span that came."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    failed: bool
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Collector:
    there: Upstream

    @property
    def url(self) -> str:
        return self.there.url

    @property
    def bodies(self) -> bytes:
        """All that came, for what must not be in it."""
        return b"".join(_unpacked(each) for each in self.there.requests)

    @property
    def spans(self) -> list[Seen]:
        """Every span, in the order in which they began."""
        found: list[Span] = []
        for request in self.there.requests:
            sent = ExportTraceServiceRequest.FromString(_unpacked(request))
            found += [
                span
                for resource in sent.resource_spans
                for scope in resource.scope_spans
                for span in scope.spans
            ]
        return [_seen(span) for span in sorted(found, key=lambda span: span.start_time_unix_nano)]


@contextmanager
def collector() -> Iterator[Collector]:
    with standing(whole(b"", headers={"content-type": "application/x-protobuf"})) as there:
        yield Collector(there)


def _unpacked(request: Received) -> bytes:
    packed = request.headers.get("content-encoding") == "gzip"
    return gzip.decompress(request.body) if packed else request.body


def _seen(span: Span) -> Seen:
    return Seen(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes={each.key: _value(each.value) for each in span.attributes},
    )


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None
