"""``countTokens``: what to count comes as plain contents or as a whole ``generateContent`` body."""

from pisang.core.errors import EngineFailed, MalformedRequest
from pisang.core.events import Usage
from pisang.core.request import GenerateRequest
from pisang.wire import payload
from pisang.wire.fields import INT64, Fields, Reading
from pisang.wire.gemini import request, usage
from pisang.wire.gemini.schema import DEVELOPER, Variant


def decode(body: bytes, *, model: str, variant: Variant = DEVELOPER) -> GenerateRequest:
    """Reads ``{contents, ...}`` or ``{generateContentRequest: {model, contents, ...}}``.

    Raises ``MalformedRequest`` as ``request.decode`` does, and where both forms are sent at once.
    """
    reading = Reading()
    root = Fields(payload.read_object(body), path="", reading=reading)
    whole = root.nested("generate_content_request", kind="GenerateContentRequest")
    if whole is None:
        return request.read(root, model=model, variant=variant)
    if root.has("contents"):
        root.take("contents")
        reading.blame(
            "contents",
            "Send either contents or generate_content_request, not both: leave contents out here.",
        )
    return request.read(whole, model=model, variant=variant)


def encode(counted: Usage) -> bytes:
    """Writes the answer; only the prompt counts."""
    body: dict[str, payload.Written] = {"totalTokens": counted.prompt}
    details = usage.details(text=counted.prompt_text, image=counted.prompt_image)
    if details:
        body["promptTokensDetails"] = details
    return b"".join(payload.pieces(body))


def decode_answer(body: bytes) -> Usage:
    """Reads a server's answer; raises ``EngineFailed`` if it is none."""
    reading = Reading()
    try:
        root = Fields(payload.read_object(body), path="", reading=reading)
        total = root.integer("total_tokens", bounds=INT64) or 0
        image = usage.image_tokens(root, "prompt_tokens_details")
        reading.check()
    except MalformedRequest as error:
        raise EngineFailed(f"The server's answer cannot be read: {error.message}") from None
    return Usage(prompt_text=max(0, total - image), prompt_image=image)
