"""What someone else's server did, as plain facts: the words of engines and of triage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Dialect(StrEnum):
    """A wire format that a body is in, and the method it is for."""

    GEMINI = "gemini"  # generateContent, streamGenerateContent, countTokens; Vertex AI's too
    IMAGEN = "imagen"  # predict
    OPENAI = "openai"  # images/generations, images/edits, chat/completions


class Broken(StrEnum):
    """How a connection failed, where there is no whole answer."""

    CONNECT = "connect"  # nobody there: refused, no such host, no route
    TLS = "tls"  # somebody there, whose certificate is not to be trusted
    TIMEOUT = "timeout"  # nothing came within the time there was
    RESET = "reset"  # the connection broke before an answer began
    CUT = "cut"  # the answer began and stopped short
    GARBLED = "garbled"  # the answer is whole and is none: not JSON, not of the dialect
    EMPTY = "empty"  # the answer is whole and says that all is well, and nothing is in it
    UNUSABLE = "unusable"  # the answer is whole and good, but its picture cannot be had
    CREDENTIALS = "credentials"  # no token to be had for our own account; nothing was asked


@dataclass(frozen=True, slots=True)
class Original:
    """An error answer of an upstream, word for word."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What was seen of an upstream that did not do its work.

    ``status`` is None where no answer came; header names are lower case; ``body`` is at most the
    first megabyte. ``detail`` is a sentence for the operator's log, without secrets.
    """

    dialect: Dialect
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    broken: Broken | None = None
    detail: str = ""
