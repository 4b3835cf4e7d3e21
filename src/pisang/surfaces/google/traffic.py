"""How a request to Vertex AI says which traffic it is: by headers, where others use a field.

``X-Vertex-AI-LLM-Request-Type`` says whether provisioned throughput may, must or must not be used;
``X-Vertex-AI-LLM-Shared-Request-Type`` names the tier of what is not covered by it. Flex and
priority are at the global endpoint only: elsewhere Google serves the standard tier and says nothing
but ``trafficType``, and so do we. Source: limits contract, section 2.3.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from starlette.requests import Request

from pisang.catalog.locations import GLOBAL
from pisang.core.errors import MalformedRequest, ThroughputExhausted
from pisang.core.request import GenerateRequest, ServiceTier

REQUEST_TYPE: Final = "X-Vertex-AI-LLM-Request-Type"
SHARED_TYPE: Final = "X-Vertex-AI-LLM-Shared-Request-Type"

_REQUEST_TYPES: Final = ("shared", "dedicated")
_TIERS: Final[Mapping[str, ServiceTier]] = MappingProxyType(
    {tier.value: tier for tier in (ServiceTier.FLEX, ServiceTier.PRIORITY, ServiceTier.STANDARD)}
)


def as_headers_say(call: Request, asked: GenerateRequest) -> GenerateRequest:
    """The request with the tier that its headers, or its body, name for this endpoint.

    Raises ``MalformedRequest`` for a value that is none and for two that contradict each other,
    ``ThroughputExhausted`` for traffic that must be provisioned: there is none here.
    """
    kind = _one_of(call, REQUEST_TYPE, _REQUEST_TYPES)
    if call.path_params.get("location", GLOBAL) != GLOBAL:
        named, asked = None, replace(asked, service_tier=None)
    else:
        named = _one_of(call, SHARED_TYPE, tuple(_TIERS))
    if kind == "dedicated" and named:
        raise MalformedRequest(
            f"{REQUEST_TYPE}: dedicated and {SHARED_TYPE}: {named} contradict each other. Send "
            f"{REQUEST_TYPE}: shared, or leave {SHARED_TYPE} out.",
            field=SHARED_TYPE,
        )
    if kind == "dedicated":
        raise ThroughputExhausted(
            "Too many requests. Exceeded the Provisioned Throughput. This project has none: send "
            f"{REQUEST_TYPE}: shared, or leave the header out."
        )
    if named is None:
        return asked
    if asked.service_tier not in (None, _TIERS[named]):
        raise MalformedRequest(
            f"The header {SHARED_TYPE} says {named}, and serviceTier in the body says "
            f"{asked.service_tier}. Send one of them.",
            field="service_tier",
        )
    return replace(asked, service_tier=_TIERS[named])


def tier_of(call: Request, asked: GenerateRequest) -> GenerateRequest:
    """The request with the tier that its headers name, where an upstream gets them as they are and
    is the one to judge them."""
    said = call.headers.get(SHARED_TYPE, "").strip()
    return replace(asked, service_tier=_TIERS[said]) if said in _TIERS else asked


def _one_of(call: Request, name: str, allowed: tuple[str, ...]) -> str | None:
    said = call.headers.get(name, "").strip()
    if not said or said in allowed:
        return said or None
    raise MalformedRequest(
        f"The header {name} is {said[:40]!r}; it may be {' or '.join(allowed)}.", field=name
    )
