"""Which network addresses belong to the public internet, and may therefore be fetched from.

A caller who names an address makes *this* machine connect, and this machine sees networks that the
caller does not: loopback, the operator's own hosts, a cloud's metadata service. IPv4 is public but
for the ranges listed here; IPv6 the other way round, only 2000::/3 is, less the ranges in it that
carry an IPv4 address or are no hosts (IANA's special-purpose registries).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Final

_NOT_PUBLIC_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT, and Alibaba Cloud's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's host, which every virtual machine can reach
            "169.254.0.0/16",  # link-local: metadata of nearly every cloud
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocols, and Oracle Cloud's metadata
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_PUBLIC_6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # Teredo carries an IPv4 address; the rest are protocols
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4 carries an IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether this IP address (text) is a host of the public internet."""
    try:
        found = ip_address(address)
    except ValueError:  # a scope ("fe80::1%eth0") is link-local by its nature
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _NOT_PUBLIC_4)
    if found.scope_id is not None:
        return False
    return found in _PUBLIC_6 and not any(found in network for network in _NOT_PUBLIC_6)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The operator's exceptions: ``host`` (its ports 80 and 443) or ``host:port``.

    An IPv6 address stands in brackets, as in an address: ``[fd00::5]:8080``.
    """

    entries: frozenset[tuple[str, int | None]]

    @classmethod
    def of(cls, entries: Sequence[str]) -> "Allowed":
        """Reads the ``fetch_allow`` setting. Raises ``ValueError`` that quotes a bad entry."""
        return cls(frozenset(map(_entry, entries)))

    def has(self, host: str, port: int) -> bool:
        """Whether this host (lower case, IPv6 without brackets) may be fetched at this port."""
        usual = port in (80, 443) and (host, None) in self.entries
        return usual or (host, port) in self.entries


def _entry(text: str) -> tuple[str, int | None]:
    host, colon, port = text.strip().lower().rpartition(":")
    if not colon or port.endswith("]"):
        host, port = text.strip().lower(), ""
    elif not port.isdecimal() or not 0 < int(port[:9]) < 65536:
        raise ValueError(f"{text!r} is not host or host:port")
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not bare or any(letter in bare for letter in "/@?#[] ") or (":" in bare) != (bare != host):
        raise ValueError(f"{text!r} is not host or host:port")
    return bare, int(port) if port else None
