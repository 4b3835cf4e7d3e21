"""Which request is being worked on: its log line, ledger entry, audit line and trace name it."""

from contextvars import ContextVar
from typing import Final

REQUEST: Final = ContextVar("pisang_request", default="")
"""The id that the answer's ``x-request-id`` has; empty outside of any request."""
