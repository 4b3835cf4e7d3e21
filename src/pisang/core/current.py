"""Which request is being worked on: what its log lines, ledger entry, audit line and trace, and the
headers for its upstreams, say of it."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final

REQUEST: Final = ContextVar("pisang_request", default="")
"""The id that the answer's ``x-request-id`` has; empty outside of any request."""

PASSED: Final = ContextVar("pisang_passed", default="")
"""The servers of pisang that this request has passed, this one last, in the form of the header
``CDN-Loop``; empty outside of any request."""

TRACEPARENT: Final = ContextVar("pisang_traceparent", default="")
"""The span of the engine that is asked, in the form of the header ``traceparent``; empty where
nobody traces."""

_WORDS: Final[ContextVar[dict[str, object] | None]] = ContextVar("pisang_words", default=None)


def begin(request_id: str) -> None:
    """Says that this task, and every task that it starts from now on, works on a request."""
    REQUEST.set(request_id)
    _WORDS.set({"request": request_id})


def bind(**words: object) -> None:
    """Adds names, numbers or ids to every later log line of this request. Does nothing outside of
    any request."""
    if (known := _WORDS.get()) is not None:
        known.update(words)


def bound() -> Mapping[str, object]:
    """What was bound to this request so far."""
    return _WORDS.get() or {}
