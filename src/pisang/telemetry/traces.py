"""Traces by OpenTelemetry's conventions for generative AI: a span of the request at its surface,
and below it one for each engine that was asked. No prompt, no picture, no key is in any of them.

The conventions are still in development; what of them is used stands in this module only. The
libraries are the extra ``telemetry``, and are loaded where an operator wants traces.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pisang
from pisang.core.current import TRACEPARENT
from pisang.core.errors import SettingsError
from pisang.telemetry.meters import GENERATE
from pisang.telemetry.observer import Made

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

Headers = Sequence[tuple[bytes, bytes]]
Value = str | int | float | bool | Sequence[str]

_PLACES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_EXPORTER: Final = "OTEL_TRACES_EXPORTER"
_OFF: Final = "OTEL_SDK_DISABLED"
_RESOURCE: Final = "OTEL_RESOURCE_ATTRIBUTES"
_PROTOCOL: Final = "OTEL_EXPORTER_OTLP_PROTOCOL"
_TRACES_PROTOCOL: Final = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
_HTTP: Final = "http/protobuf"
_OURS: Final = "pisang."
_SERVER_ERROR: Final = 500


def wanted(setting: str, environ: Mapping[str, str]) -> bool:
    """Whether to trace: ``on``, ``off``, or ``auto``, which asks OpenTelemetry's own variables."""
    if setting != "auto":
        return setting == "on"
    if environ.get(_OFF, "").lower() == "true":
        return False
    exporter = environ.get(_EXPORTER, "")
    return exporter != "none" and bool(exporter or any(environ.get(name) for name in _PLACES))


class Traces:
    """Makes spans, and sends them in the background until it is closed."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self.provider = provider
        self.tracer = provider.get_tracer("pisang", pisang.__version__)
        self._carrier = TraceContextTextMapPropagator()

    def request(self, name: str, headers: Headers, attributes: Mapping[str, Value]) -> "Span":
        """The span of a request; it continues the trace that its caller sent."""
        from opentelemetry.trace import SpanKind

        said = {
            key.decode("latin-1"): value.decode("latin-1")
            for key, value in headers
            if key in (b"traceparent", b"tracestate")
        }
        context = self._carrier.extract(said) if said else None
        return self.tracer.start_span(
            name, context=context, kind=SpanKind.SERVER, attributes=dict(attributes)
        )

    def close(self) -> None:
        """Sends what is not sent yet."""
        self.provider.shutdown()


def opened(environ: Mapping[str, str]) -> Traces:
    """Traces that go where OpenTelemetry's variables say. Raises ``SettingsError`` where the
    libraries are missing, or the exporter is one that nobody here knows."""
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(
            "Traces need OpenTelemetry: pip install 'pisang[telemetry]'. To serve without them, "
            'set traces = "off".',
            field="traces",
        ) from error
    named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get(_RESOURCE, "")
    own = {} if named else {"service.name": "pisang"}
    resource = Resource.create({**own, "service.version": pisang.__version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(_exporter(environ)))
    return Traces(provider)


def _exporter(environ: Mapping[str, str]) -> "SpanExporter":
    name = environ.get(_EXPORTER) or "otlp"
    if name == "console":
        import sys

        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(out=sys.stderr)
    if name != "otlp":
        raise SettingsError(
            f"{_EXPORTER} is {name[:40]!r}: traces go out by `otlp` or to the `console`.",
            field="traces",
        )
    protocol = environ.get(_TRACES_PROTOCOL) or environ.get(_PROTOCOL) or _HTTP
    if protocol != _HTTP:
        raise SettingsError(
            f"{_PROTOCOL} is {protocol[:40]!r}: traces go out by {_HTTP} (port 4318 of most "
            "collectors).",
            field="traces",
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


class RequestTrace:
    """The trace of one request: its span, and what is known of what was asked."""

    __slots__ = ("_asked", "_tracer", "span")

    def __init__(self, traces: Traces, span: "Span") -> None:
        self.span = span
        self._tracer = traces.tracer
        self._asked: dict[str, Value] = {}

    @property
    def id(self) -> str:
        """The id of the trace, as every tool writes it."""
        return f"{self.span.get_span_context().trace_id:032x}"

    def asks(self, attributes: Mapping[str, Value]) -> None:
        """What the request asks for: its attributes, on this span and all below it."""
        self._asked |= attributes
        if self.span.is_recording():  # work may go on after its request was answered
            self.span.set_attributes(dict(attributes))

    def attempt(
        self,
        *,
        provider: str,
        engine: str,
        model: str,
        route: str,
        number: int,
        server: tuple[str, int] | None,
    ) -> "AttemptSpan":
        """An engine is asked; ``server`` is its host and port, where it is somebody else's."""
        from opentelemetry.trace import SpanKind, set_span_in_context

        own = provider.startswith(_OURS)
        span = self._tracer.start_span(
            f"{GENERATE} {model}",
            context=set_span_in_context(self.span),
            kind=SpanKind.INTERNAL if own else SpanKind.CLIENT,
            attributes={
                **self._asked,
                "gen_ai.operation.name": GENERATE,
                "gen_ai.provider.name": provider,
                "gen_ai.request.model": model,
                "gen_ai.output.type": "image",
                "pisang.engine": engine,
                "pisang.route": route,
                "pisang.attempt": number,
                **_place(server),
            },
        )
        told = span.get_span_context()
        TRACEPARENT.set(f"00-{told.trace_id:032x}-{told.span_id:016x}-{told.trace_flags:02x}")
        return AttemptSpan(self, span)

    def end(self, name: str, status: int, attributes: Mapping[str, Value]) -> None:
        """The answer has gone out."""
        from opentelemetry.trace import Status, StatusCode

        self.span.update_name(name)
        self.span.set_attributes({**attributes, "http.response.status_code": status})
        if status >= _SERVER_ERROR:
            self.span.set_attribute("error.type", str(status))
            self.span.set_status(Status(StatusCode.ERROR))
        self.span.end()


class AttemptSpan:
    """The span of one engine that was asked."""

    __slots__ = ("_request", "_span")

    def __init__(self, request: RequestTrace, span: "Span") -> None:
        self._request, self._span = request, span

    def opened(self, seconds: float) -> None:
        """The first content is there."""
        self._span.set_attribute("gen_ai.response.time_to_first_chunk", seconds)

    def used(self, made: Made) -> None:
        """What was made; the span of the request has what people look for first."""
        bill = _bill(made)
        if self._request.span.is_recording():
            self._request.span.set_attributes(bill)
        if self._span.is_recording():
            self._span.set_attributes({**bill, **_answer(made)})

    def ended(self, kind: str, status: int | None) -> None:
        """It has ended, and how."""
        from opentelemetry.trace import Status, StatusCode

        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
        if kind:
            self._span.set_attribute("error.type", kind)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


def _place(server: tuple[str, int] | None) -> dict[str, Value]:
    return {"server.address": server[0], "server.port": server[1]} if server else {}


def _bill(made: Made) -> dict[str, Value]:
    said: dict[str, Value] = {
        "pisang.project": made.project,
        "pisang.surface": made.surface,
        "pisang.tier": made.tier,
        "pisang.charged_usd": str(made.charged.dollars),
        "pisang.rehearsal": made.rehearsal,
    }
    if made.cost is not None:
        said["pisang.cost_usd"] = str(made.cost.dollars)
    if made.hold:
        said["pisang.hold"] = made.hold
    return said


def _answer(made: Made) -> dict[str, Value]:
    said: dict[str, Value] = {"pisang.size": made.size}
    if made.drawn_by:
        said["gen_ai.response.model"] = made.drawn_by
    if made.response_id:
        said["gen_ai.response.id"] = made.response_id
    if made.finish:
        said["gen_ai.response.finish_reasons"] = (made.finish,)
    if made.usage is None:
        return said
    used = made.usage
    return said | {
        "gen_ai.usage.input_tokens": used.prompt,
        "gen_ai.usage.output_tokens": used.candidates + used.thoughts,
        "gen_ai.usage.text.input_tokens": used.prompt_text,
        "gen_ai.usage.image.input_tokens": used.prompt_image,
        "gen_ai.usage.text.output_tokens": used.text_output,
        "gen_ai.usage.reasoning.output_tokens": used.thoughts,
        "pisang.usage.image.output_tokens": used.image_output,
        "pisang.images": used.images,
        "pisang.searches": used.searches,
    }
