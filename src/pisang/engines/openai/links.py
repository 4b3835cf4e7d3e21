"""Brings the pictures that an answer names by their address.

A relay is not to be trusted with our network: what it names is fetched over https from the public
internet, or from the relay's own host, which the operator named; from nowhere else.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

from pisang.core.content import Blob
from pisang.core.errors import FetchFailed
from pisang.fetch.fetcher import Fetcher
from pisang.wire.openai.results import NoAnswer, named

MOST: Final = 100_000_000  # bytes of one picture
_SECONDS: Final = 120.0
_PORTS: Final = {"http": 80, "https": 443}


class Links:
    """Follows the links of one server's answers; ``hosts`` are the operator's exceptions, as
    ``host`` or ``host:port``. Raises ``ValueError`` for one that is neither."""

    def __init__(self, base_url: str, hosts: Sequence[str] = ()) -> None:
        self._base = base_url
        self._allow = (_own_host(base_url), *hosts)
        self._fetcher = Fetcher(allow=self._allow, most=MOST, seconds=_SECONDS)

    async def fetch(self, address: str) -> Blob:
        """The picture at an address, or at a path of the server itself. Raises ``NoAnswer``."""
        try:
            found = await self._fetcher.fetch(urljoin(self._base, address), field="url")
        except FetchFailed as error:
            why = f"a link to a picture that cannot be fetched: {error.message}"
            raise NoAnswer(why, paid=True) from error
        except ValueError:  # of urljoin, which reads what stands between brackets
            raise NoAnswer("a link to a picture that is no address", paid=True) from None
        return named(found.data)

    def close(self) -> None:
        self._fetcher.close()


def _own_host(base_url: str) -> str:
    address = urlsplit(base_url)
    host = address.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{address.port or _PORTS.get(address.scheme, 443)}"
