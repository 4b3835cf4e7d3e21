"""An error on demand, told in each dialect: byte for byte as Google prints it, or as OpenAI does.

Google prints JSON with two spaces and a line break at the end, ``code`` first and ``details`` last,
and leaves ``details`` out where there are none. Google sends no Retry-After: when to try again
stands in ``RetryInfo``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pisang.core.services import GEMINI, TYPE, VERTEX
from pisang.faults.fault import ErrorFault

_HELP: Final[Mapping[str, Any]] = {
    "@type": TYPE + "Help",
    "links": [
        {
            "description": "Learn more about Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
        }
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """A call that is answered with an error, whose sentences name what was called. ``name`` is the
    model's full name on Vertex AI; ``lists_details`` is how Google answers
    ``$alt=json;enum-encoding=int``."""

    model: str
    version: str = "v1beta"
    method: str = "generateContent"
    vertex: bool = False
    name: str = ""
    lists_details: bool = False

    @property
    def names(self) -> Mapping[str, str]:
        service = VERTEX if self.vertex else GEMINI
        package = (
            "cloud.aiplatform.v1.PredictionService"
            if self.vertex
            else ("ai.generativelanguage.v1beta.GenerativeService")
        )
        return {
            "model": self.model,
            "version": self.version,
            "method": self.method,
            "name": self.name or f"publishers/google/models/{self.model}",
            "service": service,
            "product": "Vertex AI API" if self.vertex else "Generative Language API",
            "call": f"google.{package}.{self.method[:1].upper()}{self.method[1:]}",
        }


def google(fault: ErrorFault, call: FailedCall, value: float | None) -> dict[str, Any]:
    """The envelope of an error; ``value`` is the fault's argument."""
    details = list(_details(fault, call, value))
    error: dict[str, Any] = {
        "code": fault.status,
        "message": message(fault, call, value),
        "status": fault.word,
    }
    if details or call.lists_details:
        error["details"] = details
    return {"error": error}


def message(fault: ErrorFault, call: FailedCall, value: float | None) -> str:
    """The sentence of an error."""
    said = _filled(fault.on_vertex if call.vertex and fault.on_vertex else fault.message, call)
    if fault.quota is None:
        return said
    limit = fault.quota.value or "0"
    return (
        f"{said}\n* Quota exceeded for metric: {fault.quota.metric}, limit: {limit}, "
        f"model: {call.model}\nPlease retry in {value:.11g}s."
    )


def interactions(fault: ErrorFault, call: FailedCall, value: float | None) -> dict[str, Any]:
    """The envelope of the Interactions API, whose code is a word."""
    return {"error": {"message": message(fault, call, value), "code": fault.word.lower()}}


def openai(fault: ErrorFault, call: FailedCall, value: float | None) -> tuple[int, dict[str, Any]]:
    """OpenAI's status and envelope of the same error."""
    kind, code = fault.openai
    said = {
        "message": message(fault, call, value),
        "type": kind,
        "param": None,
        "code": code,
    }
    return fault.openai_status or fault.status, {"error": said}


def printed(value: object) -> bytes:
    """JSON as Google prints it."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def _details(fault: ErrorFault, call: FailedCall, value: float | None) -> Iterator[object]:
    if fault.quota is not None:
        yield _HELP
        violation: dict[str, Any] = {
            "quotaMetric": fault.quota.metric,
            "quotaId": fault.quota.id,
            "quotaDimensions": {"model": call.model, "location": "global"},
        }
        if fault.quota.value:
            violation["quotaValue"] = fault.quota.value
        yield {"@type": TYPE + "QuotaFailure", "violations": [violation]}
    for detail in fault.details:
        yield _filled_in(detail, call)
    if value is not None:
        yield {"@type": TYPE + "RetryInfo", "retryDelay": f"{int(value) or value:g}s"}


def _filled_in(value: Any, call: FailedCall) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled_in(member, call) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled_in(member, call) for member in value]
    return _filled(value, call) if isinstance(value, str) else value


def _filled(text: str, call: FailedCall) -> str:
    for name, told in call.names.items():
        text = text.replace(f"{{{name}}}", told)
    return text
