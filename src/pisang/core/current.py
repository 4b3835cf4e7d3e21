"""Which request is being worked on: its log line, ledger entry, audit line and trace name it, and
so does what an upstream is asked for it."""

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
