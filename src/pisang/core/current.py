"""Which request is being worked on: its log line, ledger entry, audit line and trace name it, and
so does what an upstream is asked for it."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final

REQUEST: Final = ContextVar("pisang_request", default="")
"""The id that the answer's ``x-request-id`` has; empty outside of any request."""

PASSED: Final = ContextVar("pisang_passed", default="")
"""The pisangs that this request has passed, this one last, as ``CDN-Loop`` names them; empty where
none is worked on."""

TRACEPARENT: Final = ContextVar("pisang_traceparent", default="")
"""The span of the engine that is asked, as the header of that name has it; empty where nobody
traces."""

_WORDS: Final[ContextVar[dict[str, object] | None]] = ContextVar("pisang_words", default=None)


def begin(request_id: str) -> None:
    """From here on this task, and all that it begins, works on a request."""
    REQUEST.set(request_id)
    _WORDS.set({"request": request_id})


def bind(**words: object) -> None:
    """What every later line of the log is to say of this request: names, numbers and ids. Outside
    of any request it is not said."""
    if (known := _WORDS.get()) is not None:
        known.update(words)


def bound() -> Mapping[str, object]:
    """What was bound to this request so far."""
    return _WORDS.get() or {}
