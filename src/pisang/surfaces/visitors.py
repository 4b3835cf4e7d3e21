"""Where a request comes from, and whether its key may be used from there.

Behind a proxy every request comes from the proxy, which writes the real address into the header
``X-Forwarded-For``. Anybody else can write that header too: it is believed only where the setting
``trusted_proxies`` names the address that it came from.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import HTTPConnection

from pisang.admission.restrictions import check_door, fits_network, ip
from pisang.core.caller import UNRESTRICTED, Caller
from pisang.core.errors import PermissionDenied
from pisang.surfaces.dialects import Dialect, dialect_of

_ADMIN: Final = "/admin/"
_SURFACES: Final[Mapping[Dialect, str]] = {
    Dialect.VERTEX: "vertex",
    Dialect.OPENAI: "openai",
}


def check_visit(
    call: HTTPConnection, caller: Caller, *, prefix: str, proxies: Sequence[str]
) -> None:
    """Raises ``KeyRestricted`` where the caller's key may not be used here or from there, and
    ``PermissionDenied`` for a service account that may not make pictures and tries to."""
    path = call.scope["path"]
    if not caller.may_generate and not path.removeprefix(prefix).startswith(_ADMIN):
        raise PermissionDenied(
            "This service account has no role in its project that lets it make pictures "
            "(images.generate). An owner can give it one: pisang members add.",
            metadata={"permission": "images.generate"},
        )
    if caller.restrictions is UNRESTRICTED:
        return
    check_door(
        caller,
        surface=surface_of(path.removeprefix(prefix), call.headers, call.query_params),
        referrer=call.headers.get("referer") or call.headers.get("origin", ""),
        address=address_of(call, proxies),
    )


def surface_of(path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Which surface an address (without the prefix) belongs to, as restrictions of keys name it."""
    if path.startswith(_ADMIN):
        return "admin"
    return _SURFACES.get(dialect_of(path, headers, query), "gemini_api")


def address_of(call: HTTPConnection, proxies: Sequence[str]) -> str:
    """The network address that a request came from: that of the connection, or the nearest one that
    is no proxy of ours; empty where nobody knows it."""
    address = call.client.host if call.client else ""
    if not proxies or not fits_network(proxies, address):
        return address
    told = ",".join(call.headers.getlist("x-forwarded-for")).split(",")
    for hop in reversed([each.strip() for each in told if each.strip()]):
        if (found := ip(_without_port(hop))) is None:
            break  # whoever wrote it, nothing before it can be believed
        address = str(found)
        if not fits_network(proxies, address):
            break
    return address


def _without_port(hop: str) -> str:
    """Some proxies write ``203.0.113.7:4711`` and ``[2001:db8::1]:4711``."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
