"""The clients that must work unchanged, and which calls each of them makes: one table.

A client is a program of ``tests/sdk/programs`` in an environment of ``locks/sdk`` (or a package of
``tests/sdk/javascript``), set up in one ``mode``. ``cannot`` names the calls that the client itself
does not make, each with words that it shows (so that the day it learns the call, a test fails)
and the reason that people read in ``docs/compatibility.md``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

CALLS: Final[Mapping[str, str]] = {
    "text_to_image": "Text to image",
    "ratio_and_size": "Ratio and size",
    "edit": "Edit a picture",
    "ratio_and_size_words": "Ratio and size by their names",
    "named_size": "Size 1536x1024, as OpenAI names it",
    "image_model": "Its image model",
    "image_model_edit": "Its image model: edit",
    "edit_pil": "Edit a `PIL.Image`",
    "edit_several": "Edit with several pictures",
    "edit_mask": "Edit below a mask",
    "several": "Several pictures at once",
    "as_url": "Picture as an address",
    "variation": "Variations",
    "several_turns": "Several turns, signatures intact",
    "stream": "Stream",
    "only_image": "Only a picture, no text",
    "thoughts": "Thoughts",
    "chat_edit": "Chat: edit a picture",
    "chat_ratio": "Chat: ratio and size",
    "chat_stream": "Chat, streamed",
    "stream_without_partials": "Stream of the finished picture only",
    "responses": "Responses, continued",
    "responses_stream": "Responses, streamed",
    "count_tokens": "Count tokens",
    "models": "List and get models",
    "model_card": "Limits of a model",
    "tuned_models": "List tuned models (none)",
    "files": "Files: upload, use, list, delete",
    "interactions": "Interactions, continued",
    "interactions_stream": "Interactions, streamed",
    "imagen_generate": "Imagen: generate",
    "imagen_edit": "Imagen: edit",
    "imagen_upscale": "Imagen: upscale",
    "chat_no_picture": "Chat: nothing to draw",
    "no_picture": "Nothing to draw: finish reason",
    "old_id": "Id that Google has shut down",
    "wrong_value": "Error: wrong ratio or size",
    "unsupported_value": "Error: size that the model lacks",
    "unknown_model": "Error: unknown model",
    "truncated_picture": "Error: truncated picture",
    "too_many_pictures": "Error: too many pictures",
    "bad_key": "Error: bad key",
    "another_project": "Error: another project",
}
"""What a client is asked to do -> how the page calls it. The order is that of the page's rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cannot:
    """Why a client cannot: words of what it shows (mostly of the exception that it raises before
    it sends anything), and the reason for the page."""

    shows: str
    reason: str


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


PICTURES: Final = ("text_to_image", "ratio_and_size", "edit", "several_turns", "stream")
FAULTS: Final = (
    "wrong_value",
    "unknown_model",
    "truncated_picture",
    "too_many_pictures",
    "bad_key",
)
ERRORS: Final = ("wrong_value", "unknown_model", "bad_key")
GOOGLE: Final = (*PICTURES, "count_tokens", "no_picture", "old_id", *FAULTS)
GENAI: Final = (*GOOGLE, "models", "edit_pil", "only_image", "thoughts")
IMAGEN: Final = ("imagen_generate", "imagen_edit", "imagen_upscale")
TALKS: Final = ("interactions", "interactions_stream")

NO_FILES: Final = Cannot(
    shows="This method is only supported in the Gemini Developer",
    reason="The client has Files only for the Gemini API.",
)
NO_UPLOAD: Final = Cannot(shows="does not support uploading files", reason=NO_FILES.reason)
NO_IMAGEN: Final = Cannot(
    shows="only supported ",
    reason="The client refuses Imagen for the Gemini API before it sends anything.",
)
NO_CONFIG: Final = Cannot(
    shows="has no attribute 'ImageConfig'",
    reason="This version has no `ImageConfig`.",
)
NO_SIGNATURE: Final = Cannot(
    shows="Drew your picture",
    reason="It forgets thought signatures, so a later turn edits the pixels, not the plan.",
)
OWN_CHECK: Final = Cannot(
    shows="provider options", reason="The client knows the ratios and sizes and refuses others."
)
THREE_RATIOS: Final = Cannot(
    shows="OpenAI image generation only supports",
    reason="The client knows OpenAI's ratios and sizes only: 1:1, 2:3 and 3:2 at 1K.",
)
ONLY_GEMINI: Final = Cannot(
    shows="other than Gemini are no longer supported",
    reason="The client refuses Imagen models before it sends anything.",
)
NO_WORD: Final = Cannot(
    shows="FINISH_REASON_UNSPECIFIED",
    reason="Its enum has no `NO_IMAGE`: it shows `FINISH_REASON_UNSPECIFIED`, and the text.",
)
NO_OPTION: Final = Cannot(
    shows="unexpected keyword argument 'image_config'",
    reason="Its `GenerationConfig` has no word for ratio and size.",
)
MODES: Final[dict[str, str]] = {
    "developer": "Gemini API",
    "express": "Vertex, express",
    "account": "Vertex, service account",
}


def genai(version: str) -> Iterator[Client]:
    """google-genai for Python in its three modes."""
    old = version == "1.20.0"
    for mode, title in MODES.items():
        calls = (*GENAI, *IMAGEN, "files", *(() if old else TALKS))
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
    """@google/genai in its three modes."""
    for mode, title in MODES.items():
        calls = (*GOOGLE, "models", "only_image", "thoughts", "imagen_generate", "files", *TALKS)
        yield Client(
            family="@google/genai (JavaScript)",
            column=f"{version} {title}",
            environment=package,
            program="google_genai.mjs",
            mode=mode,
            calls=without(calls, "bad_key") if mode == "account" else calls,
            cannot={"imagen_generate": NO_IMAGEN} if mode == "developer" else {"files": NO_UPLOAD},
        )


OPENAI: Final = (
    *PICTURES,
    *(
        "ratio_and_size_words",
        "named_size",
        "several",
        "as_url",
        "edit_mask",
        "edit_several",
        "variation",
    ),
    *("stream_without_partials", "chat_edit", "chat_ratio", "chat_stream", "chat_no_picture"),
    *("responses", "responses_stream", "models", "files", "no_picture", "old_id"),
    *FAULTS,
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
        if mode == "responses":  # where the tool draws, whatever model is named
            calls = (*without(calls, "unknown_model"), "named_size")
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
            calls=without(OPENAI, "files", "chat_no_picture", "stream_without_partials"),
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
        ("account", "Vertex, token", for_account(without(GOOGLE, "old_id"))[:-1]),
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


def for_account(calls: tuple[str, ...]) -> tuple[str, ...]:
    """A service account has no key that could be bad, but a project that could be another's."""
    return (*without(calls, "bad_key"), "another_project")


def without(calls: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(call for call in calls if call not in names)


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
