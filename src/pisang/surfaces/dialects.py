"""Which dialect an address speaks, so that whatever goes wrong there is told in its envelope.

Errors arise in places that know no surface: in middleware, in the router. The path decides; where
Google and OpenAI share an address (``/v1/models``, ``/v1/files``), the form of the credential does
(surfaces contract, section 10.5).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Dialect(StrEnum):
    """Whose envelope an error is told in."""

    GEMINI = "gemini"
    VERTEX = "vertex"
    OPENAI = "openai"
    OAUTH = "oauth"


# Mistaken addresses too, as hints.py knows them, so that who made the mistake can read the answer.
_ANY: Final = r"(?:/v1(?:beta1|beta|alpha)?)*"
_OPENAI: Final = re.compile(
    rf"{_ANY}/(?:openai|images|chat|responses|completions|embeddings|audio|moderations|assistants|"
    r"threads|fine_tuning|vector_stores|realtime|conversations|uploads|videos|containers|evals|"
    r"skills|chatkit|organization)(?:/|$)"
)
_VERTEX: Final = re.compile(
    rf"{_ANY}/(?:projects|publishers)(?:/|$)|/v1beta1/(?:interactions|models)(?:/|$)"
)
_EITHER: Final = re.compile(r"/v1/(?:models|files|batches)(?:/|$)")

_OAUTH: Final = re.compile(r"(?:/oauth2)?/(?:token|revoke)")


def dialect_of(path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Dialect:
    """The dialect of an address (without the prefix); header names are lower case."""
    if _OPENAI.match(path):
        return Dialect.OPENAI
    if _VERTEX.match(path):
        return Dialect.VERTEX
    if _OAUTH.fullmatch(path):
        return Dialect.OAUTH
    if _EITHER.match(path) and speaks_openai(headers, query):
        return Dialect.OPENAI
    return Dialect.GEMINI


def speaks_openai(headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Whether a caller on a shared address is an OpenAI client: a bearer token, and nothing of
    Google's beside it."""
    if "x-goog-api-key" in headers or "x-goog-api-client" in headers or "key" in query:
        return False
    if "pageSize" in query or "google" in headers.get("user-agent", "").lower():
        return False
    return headers.get("authorization", "").lower().startswith("bearer ")
