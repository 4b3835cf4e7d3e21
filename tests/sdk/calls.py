"""What clients are asked to do, in which groups, and why some cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    "asynchronous": "Asynchronous client, whole and streamed",
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
    "no_picture": "Nothing to draw: a finish reason, or in OpenAI's dialect an error",
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
GENAI: Final = (*GOOGLE, "models", "edit_several", "only_image", "thoughts")
IMAGEN: Final = ("imagen_generate", "imagen_edit", "imagen_upscale")
TALKS: Final = ("interactions", "interactions_stream")

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
    *("asynchronous", "responses", "responses_stream", "models", "files", "no_picture", "old_id"),
    *FAULTS,
)


def for_account(calls: tuple[str, ...]) -> tuple[str, ...]:
    """A service account has no key that could be bad, but a project that could be another's."""
    return (*without(calls, "bad_key"), "another_project")


def without(calls: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(call for call in calls if call not in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cannot:
    """Why a client cannot: words of what it shows (mostly of the exception that it raises before
    it sends anything), and the reason for the page."""

    shows: str
    reason: str


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
