"""Get code: the program that asks for the same picture, with the client a developer uses.

A snippet is text that someone pastes and runs, so every letter of the prompt must come out as that
letter and never as code. All programs are written from one draft, which is made of the body that
``wire/gemini`` writes for the request, so they cannot ask for different things. A module of this
package is a client or a family of clients; ``CLIENTS`` is the list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pisang.core.errors import UnsupportedParameter
from pisang.core.request import GenerateRequest
from pisang.snippets import (
    ai_sdk,
    command,
    curl,
    generativeai,
    google_genai,
    google_genai_javascript,
    langchain,
    openai_javascript,
    openai_python,
    pydantic_ai,
    vertexai,
)
from pisang.snippets.draft import Draft, drafted
from pisang.snippets.quoting import json_text, python_text

__all__ = ["CLIENTS", "Client", "Language", "json_text", "python_text", "snippet"]


class Language(StrEnum):
    """Which client a snippet is written for."""

    CURL = "curl"
    PYTHON = "python"
    PYTHON_EXPRESS = "python-express"
    PYTHON_VERTEX = "python-vertex"
    JAVASCRIPT = "javascript"
    JAVASCRIPT_EXPRESS = "javascript-express"
    CLI = "cli"
    OPENAI_PYTHON = "openai-python"
    OPENAI_JAVASCRIPT = "openai-javascript"
    AI_SDK_GOOGLE = "ai-sdk-google"
    AI_SDK_VERTEX = "ai-sdk-vertex"
    AI_SDK_OPENAI_COMPATIBLE = "ai-sdk-openai-compatible"
    LANGCHAIN = "langchain"
    PYDANTIC_AI = "pydantic-ai"
    VERTEXAI = "vertexai"
    GENERATIVEAI = "generativeai"


@dataclass(frozen=True, slots=True)
class Client:
    """``shown`` says to people which package it is and how it signs in; ``write`` makes the
    program."""

    shown: str
    write: Callable[[Draft], str]


CLIENTS: Final[Mapping[Language, Client]] = {
    Language.CURL: Client("curl", curl.write),
    Language.PYTHON: Client("google-genai", google_genai.developer),
    Language.PYTHON_EXPRESS: Client("google-genai, Vertex AI with a key", google_genai.express),
    Language.PYTHON_VERTEX: Client(
        "google-genai, Vertex AI with a service account", google_genai.vertex
    ),
    Language.JAVASCRIPT: Client("@google/genai", google_genai_javascript.developer),
    Language.JAVASCRIPT_EXPRESS: Client(
        "@google/genai, Vertex AI with a key", google_genai_javascript.express
    ),
    Language.CLI: Client("pisang itself", command.write),
    Language.OPENAI_PYTHON: Client("openai for Python", openai_python.write),
    Language.OPENAI_JAVASCRIPT: Client("openai for JavaScript", openai_javascript.write),
    Language.AI_SDK_GOOGLE: Client("ai with @ai-sdk/google", ai_sdk.google),
    Language.AI_SDK_VERTEX: Client("ai with @ai-sdk/google-vertex, with a key", ai_sdk.vertex),
    Language.AI_SDK_OPENAI_COMPATIBLE: Client(
        "ai with @ai-sdk/openai-compatible", ai_sdk.compatible
    ),
    Language.LANGCHAIN: Client("langchain-google-genai", langchain.write),
    Language.PYDANTIC_AI: Client("pydantic-ai", pydantic_ai.write),
    Language.VERTEXAI: Client("google-cloud-aiplatform with a service account", vertexai.write),
    Language.GENERATIVEAI: Client("google-generativeai", generativeai.write),
}
"""Every client that code is written for, in the order in which people see them."""


def snippet(
    request: GenerateRequest,
    language: Language,
    *,
    server: str = "http://127.0.0.1:8787",
    key_env: str = "PISANG_KEY",
    file: str = "picture.png",
) -> str:
    """Writes the program that sends ``request`` to ``server``, ending in a line break.

    The key is read from the environment variable ``key_env``, never written into the text. A
    picture in the request is read from ``file.uri``, or from the ``display_name`` of its blob.
    ``file`` is what the answer is saved as; SDK programs correct its suffix by what comes.

    Raises ``UnsupportedParameter`` for more than one turn, for a ``key_env`` that is no name, and
    for a setting that the client has no word for.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key_env):
        raise UnsupportedParameter(
            f"{key_env!r} cannot name an environment variable: use letters, digits and _",
            field="key_env",
        )
    if len(request.contents) != 1:
        raise UnsupportedParameter(
            f"Code is written for one turn, not for a chat of {len(request.contents)}",
            field="contents",
        )
    draft = drafted(request, server=server, key_env=key_env, file=file)
    return CLIENTS[language].write(draft)
