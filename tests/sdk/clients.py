"""The clients that must work unchanged, and which calls each of them makes: one table.

A client is a program of ``tests/sdk/programs`` in an environment of ``locks/sdk`` (or a package of
``tests/sdk/javascript``), set up in one ``mode``. ``cannot`` names the calls that the client itself
does not make, each with words that it shows (so that the day it learns the call, a test fails)
and the reason that people read in ``docs/compatibility.md``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.sdk.calls import (
    ERRORS,
    FAULTS,
    GENAI,
    GOOGLE,
    IMAGEN,
    NO_CONFIG,
    NO_FILES,
    NO_IMAGEN,
    NO_OPTION,
    NO_SIGNATURE,
    NO_UPLOAD,
    NO_WORD,
    ONLY_GEMINI,
    OPENAI,
    OWN_CHECK,
    PICTURES,
    TALKS,
    THREE_RATIOS,
    Cannot,
    for_account,
    without,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Client:
    """One column of the page. ``environment`` holds it; ``program`` runs it; both are names.
    ``dialect`` says whose errors it shows."""

    family: str
    column: str
    environment: str
    program: str
    mode: str
    calls: tuple[str, ...]
    dialect: str = "google"
    cannot: Mapping[str, Cannot] = field(default_factory=dict)

    @property
    def name(self) -> str:
        tool = "curl" if self.family == "curl" else self.environment
        return f"{tool} {self.mode}"


MODES: Final[dict[str, str]] = {
    "developer": "Gemini API",
    "express": "Vertex, express",
    "account": "Vertex, service account",
}


def genai(version: str) -> Iterator[Client]:
    """google-genai for Python in its three modes."""
    old = version == "1.20.0"
    for mode, title in MODES.items():
        calls = (*GENAI, "edit_pil", "asynchronous", *IMAGEN, "files", *(() if old else TALKS))
        cannot = {}
        if mode == "developer":
            calls += ("model_card",)
            cannot |= dict.fromkeys(IMAGEN[1:], NO_IMAGEN)
            if version >= "2.20":
                cannot["imagen_generate"] = NO_IMAGEN
        else:
            cannot["files"] = NO_FILES
        if mode == "account":
            calls += ("another_project", "tuned_models")
            calls = without(calls, "bad_key")
        if old:
            cannot |= {"ratio_and_size": NO_CONFIG, "wrong_value": NO_CONFIG}
        yield Client(
            family="google-genai (Python)",
            column=f"{version} {title}",
            environment=f"google-genai-{version}",
            program="google_genai_program.py",
            mode=mode,
            calls=calls,
            cannot=cannot,
        )


def genai_javascript(package: str, version: str) -> Iterator[Client]:
    """@google/genai in its three modes; for the third it is handed a token of the account."""
    for mode, title in {**MODES, "account": "Vertex, token"}.items():
        calls = (*GENAI, *IMAGEN, "files", *TALKS)
        yield Client(
            family="@google/genai (JavaScript)",
            column=f"{version} {title}",
            environment=package,
            program="google_genai.mjs",
            mode=mode,
            calls=without(calls, "bad_key") if mode == "account" else calls,
            cannot=dict.fromkeys(IMAGEN, NO_IMAGEN)
            if mode == "developer"
            else {"files": NO_UPLOAD},
        )


def openai_python(environment: str) -> Iterator[Client]:
    """OpenAI's Python SDK on both base addresses."""
    for base in ("v1", "v1beta/openai"):
        yield Client(
            family="openai (Python)",
            column=f"{{version}} /{base}",
            environment=environment,
            program="openai_program.py",
            mode=base,
            calls=OPENAI,
            dialect="openai",
        )


def langchain() -> Iterator[Client]:
    """LangChain's model on google-genai, in its three modes."""
    for mode, title in MODES.items():
        yield Client(
            family="langchain-google-genai (Python)",
            column=f"{{version}} {title}",
            environment="langchain-google-genai",
            program="langchain_program.py",
            mode=mode,
            calls=for_account(GOOGLE) if mode == "account" else GOOGLE,
        )


def pydantic_ai() -> Iterator[Client]:
    """pydantic-ai on Google's models in three modes, and on OpenAI's two dialects."""
    for mode, title in (MODES | {"chat": "OpenAI chat", "responses": "OpenAI responses"}).items():
        calls = without(GOOGLE, "count_tokens", "no_picture")
        if mode == "responses":
            calls = (*calls, "named_size")
        yield Client(
            family="pydantic-ai (Python)",
            column=f"{{version}} {title}",
            environment="pydantic-ai",
            program="pydantic_ai_program.py",
            mode=mode,
            calls=for_account(calls) if mode == "account" else calls,
            cannot=dict.fromkeys(("ratio_and_size", "wrong_value"), THREE_RATIOS)
            if mode == "responses"
            else {},
            dialect="google" if mode in MODES else "openai",
        )


def openai_javascript() -> Iterator[Client]:
    """OpenAI's JavaScript SDK on both base addresses."""
    for base in ("v1", "v1beta/openai"):
        yield Client(
            family="openai (JavaScript)",
            column=f"{{version}} /{base}",
            environment="openai",
            program="openai.mjs",
            mode=base,
            calls=without(
                OPENAI, "files", "asynchronous", "chat_no_picture", "stream_without_partials"
            ),
            dialect="openai",
        )


def ai_sdk() -> Iterator[Client]:
    """Vercel's AI SDK: Google's two providers, and the one for OpenAI's dialect."""
    calls = without(GOOGLE, "count_tokens", "no_picture")
    calls += ("image_model", "image_model_edit", "unsupported_value", "imagen_generate")
    for mode, title, package in (
        ("developer", "google", "@ai-sdk/google"),
        ("express", "google-vertex, express", "@ai-sdk/google-vertex"),
        ("account", "google-vertex, token", "@ai-sdk/google-vertex"),
    ):
        yield Client(
            family="AI SDK (JavaScript)",
            column=f"@ai-sdk/{title} {{version}}",
            environment=package,
            program="ai_sdk.mjs",
            mode=mode,
            calls=for_account(calls) if mode == "account" else calls,
            cannot={"wrong_value": OWN_CHECK, "imagen_generate": ONLY_GEMINI},
        )
    yield Client(
        family="AI SDK (JavaScript)",
        column="@ai-sdk/openai-compatible {version}",
        environment="@ai-sdk/openai-compatible",
        program="ai_sdk.mjs",
        mode="compatible",
        calls=(*PICTURES, "several", "edit_several", "edit_mask", "old_id", *FAULTS),
        dialect="openai",
    )


def curl() -> Iterator[Client]:
    """curl, in the three dialects; its program needs Pillow, which every environment has."""
    for mode, title, calls in (
        ("developer", "Gemini API", (*without(GOOGLE, "old_id"), "models")),
        ("account", "Vertex, token", for_account(without(GOOGLE, "old_id"))),
        ("v1", "OpenAI", (*without(PICTURES, "several_turns"), "models", *ERRORS)),
    ):
        yield Client(
            family="curl",
            column=f"{title}",
            environment="openai-3",
            program="curl_program.py",
            mode=mode,
            calls=calls,
            dialect="openai" if mode == "v1" else "google",
        )


CLIENTS: Final[tuple[Client, ...]] = (
    *(client for version in ("3.4.0", "2.34.0", "1.75.0", "1.20.0") for client in genai(version)),
    *genai_javascript("genai-2.32", "2.32"),
    *genai_javascript("genai-newest", "{version}"),
    Client(
        family="Google's other clients",
        column="google-generativeai {version}",
        environment="google-generativeai-0.8.6",
        program="generativeai_program.py",
        mode="developer",
        calls=(*without(GOOGLE, "no_picture", "old_id", "wrong_value"), "models"),
        cannot={"ratio_and_size": NO_OPTION, "several_turns": NO_SIGNATURE},
    ),
    Client(
        family="Google's other clients",
        column="google-cloud-aiplatform {version}",
        environment="google-cloud-aiplatform-2.7.0",
        program="vertexai_program.py",
        mode="account",
        calls=(*without(GOOGLE, "wrong_value", "bad_key"), *IMAGEN, "another_project"),
        cannot={"ratio_and_size": NO_OPTION, "no_picture": NO_WORD},
    ),
    *openai_python("openai-3"),
    *openai_python("openai-1"),
    *langchain(),
    *pydantic_ai(),
    *openai_javascript(),
    *ai_sdk(),
    *curl(),
)
