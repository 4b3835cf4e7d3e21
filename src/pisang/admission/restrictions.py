"""Is this request one that its key may be used for? Keys may be limited to models, surfaces,
engines, web pages and network addresses (``accounts/restrictions.py``).

All of it is pure. ``check_door`` is asked at the door, before a body is read; ``check_model`` as
soon as the model is known, ``within`` once it is known where it would go. The sentences begin as
Google's do, and the reasons are Google's (surfaces contract, section 9).
"""

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from pisang.core.caller import UNRESTRICTED, Caller
from pisang.core.errors import AddressBlocked, KeyRestricted, ReferrerBlocked
from pisang.core.services import GEMINI, VERTEX
from pisang.routing.plan import Plan

_SERVICES: Final = {"gemini_api": GEMINI, "vertex": VERTEX}
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 200  # of what a caller sent and an error repeats


def check_door(caller: Caller, *, surface: str, referrer: str, address: str) -> None:
    """Raises ``KeyRestricted``, ``ReferrerBlocked`` or ``AddressBlocked`` where the key may not be
    used like this. ``referrer`` is the page that the request came from, ``address`` the network
    address; both are empty where nobody knows."""
    limits = caller.restrictions
    if limits is UNRESTRICTED:
        return
    if limits.surfaces and surface not in limits.surfaces:
        service = _SERVICES.get(surface, surface)
        raise KeyRestricted(
            f"Requests to this API {service} are blocked. This key is limited to: "
            f"{_told(limits.surfaces)}.",
            metadata={"kind": "surface", **_consumer(caller)},
        )
    if limits.referrers and not any(fits_page(one, referrer) for one in limits.referrers):
        raise ReferrerBlocked(
            f"Requests from referer {referrer[:_LONGEST] or '<empty>'} are blocked.",
            metadata={"httpReferrer": referrer[:_LONGEST], **_consumer(caller)},
        )
    if limits.addresses and not fits_network(limits.addresses, address):
        raise AddressBlocked(
            "The provided API key has an IP address restriction. The originating IP address of the "
            f"call ({address or 'unknown'}) violates this restriction.",
            metadata={"callerIp": address, **_consumer(caller)},
        )


def check_model(caller: Caller, model: str, names: Collection[str] = ()) -> None:
    """Raises ``KeyRestricted`` unless the key may ask for this model. ``model`` is how the caller
    wrote it, ``names`` are other names of the same one."""
    patterns = caller.restrictions.models
    if not patterns:
        return
    for name in (model.removeprefix("models/"), *names):
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return
    raise KeyRestricted(
        f"Requests to the model {model[:_LONGEST]!r} are blocked. This key is limited to: "
        f"{_told(patterns)}.",
        metadata={"kind": "model", **_consumer(caller)},
    )


def within(caller: Caller, plan: Plan) -> Plan:
    """The plan without the engines that the key may not use. Raises ``KeyRestricted`` where none is
    left of it."""
    patterns = caller.restrictions.engines
    if not patterns:
        return plan
    steps = tuple(step for step in plan.steps if _any(step.engine, patterns))
    if len(steps) == len(plan.steps):
        return plan
    if not steps:
        raise KeyRestricted(
            "Requests for this model go to engines that are blocked for this key. It is limited "
            f"to: {_told(patterns)}.",
            metadata={"kind": "engine", **_consumer(caller)},
        )
    out = [(step.engine, "this key may not use it") for step in plan.steps if step not in steps]
    return replace(plan, steps=steps, left_out=(*plan.left_out, *out))


def fits_page(pattern: str, page: str) -> bool:
    """Whether a page is one of a pattern as Google has them: ``https://example.com/*``,
    ``*.example.com/*`` (subdomains only), ``example.com:8080``. Without a scheme both are meant,
    without a port the scheme's own, without a path every one."""
    scheme, host, port, path = _page(page)
    if not host:
        return False
    wanted, found, rest = pattern.rpartition("://")
    if found and wanted not in ("*", scheme):
        return False
    place, slash, wanted_path = rest.partition("/")
    if slash and not fnmatchcase(path, _literal(f"/{wanted_path}")):
        return False
    name, wanted_port = _host_and_port(place)
    if wanted_port != "*" and port != (int(wanted_port) if wanted_port else _PORTS.get(scheme)):
        return False
    return name == "*" or (host.endswith(name[1:]) if name.startswith("*.") else host == name)


def fits_network(networks: Collection[str], address: str) -> bool:
    """Whether an address is in one of some networks. An IPv4 address that IPv6 wraps is itself."""
    found = ip(address)
    return found is not None and any(found in network for network in _networks(tuple(networks)))


def ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A network address; None for what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    wrapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return wrapped or found


@lru_cache(maxsize=1_000)
def _networks(
    written: tuple[str, ...],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(one, strict=False) for one in written)


def _page(address: str) -> tuple[str, str, int | None, str]:
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
        return scheme, host, parts.port or _PORTS.get(scheme), parts.path or "/"
    except ValueError:
        return "", "", None, ""


def _host_and_port(place: str) -> tuple[str, str]:
    """The two of ``example.com:8080`` and of ``[::1]:8080``."""
    if place.startswith("["):
        name, _, port = place[1:].partition("]")
        return name, port.removeprefix(":")
    name, _, port = place.partition(":")
    return name, port


def _literal(pattern: str) -> str:
    """A pattern in which only the star means something."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _any(name: str, patterns: Collection[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _consumer(caller: Caller) -> dict[str, str]:
    return {"consumer": f"projects/{caller.project_number}"}


def _told(patterns: Sequence[str]) -> str:
    """Patterns for a sentence."""
    return ", ".join(patterns[:10]) + (", ..." if len(patterns) > 10 else "")
