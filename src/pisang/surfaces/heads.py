"""The headers of a request, decoded once: many parts of the server ask, each for another header.

Starlette's own headers are searched from the beginning for every question.
"""

from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import Scope

_KEY: Final = "pisang.headers"


class Heads(Headers):
    """Starlette's headers, which also remember the first value of each name."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        super().__init__(raw=raw)
        self._first = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(raw)
        }

    def __getitem__(self, key: str) -> str:
        return self._first[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._first

    def get(self, key: str, default: Any = None) -> Any:
        return self._first.get(key.lower(), default)


def heads(scope: Scope) -> Heads:
    """The headers of this request."""
    found = scope.get(_KEY)
    if not isinstance(found, Heads):
        found = scope[_KEY] = Heads(list(scope.get("headers", ())))
    return found
