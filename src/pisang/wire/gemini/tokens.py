"""``countTokens`` and ``computeTokens``: how many tokens a prompt has, and which.

What to count comes as plain contents or, on the Gemini API, as a whole ``generateContent`` body.
``computeTokens`` is Vertex AI's alone. Its tokens are this catalog's estimate, so they are as many
as ``countTokens`` says, and their numbers are made from their bytes: the same text always gives the
same numbers, but they are no vocabulary of Google's.
"""

from typing import Final
from zlib import crc32

from pisang.catalog.tokens import text_pieces
from pisang.core.errors import UnsupportedParameter
from pisang.core.events import Usage
from pisang.core.request import GenerateRequest
from pisang.wire import payload
from pisang.wire.fields import Fields, Reading
from pisang.wire.gemini import request, usage
from pisang.wire.gemini.schema import DEVELOPER, Variant

_VOCABULARY: Final = 262_144  # as many tokens as Google's have


def decode(body: bytes, *, model: str, variant: Variant = DEVELOPER) -> GenerateRequest:
    """Reads ``{contents, ...}`` or ``{generateContentRequest: {model, contents, ...}}``, and where
    the surface has them ``{instances: [{prompt}]}``.

    Raises ``MalformedRequest`` as ``request.decode`` does, and where both forms are sent at once.
    """
    return read(payload.read_object(body), Reading(variant.types), model=model, variant=variant)


def read(
    tree: dict[str, object],
    reading: Reading,
    *,
    model: str,
    deadline: float | None = None,
    variant: Variant = DEVELOPER,
) -> GenerateRequest:
    """Reads a parsed body, which may as well be that of a ``generateContent``."""
    root = Fields(_with_instances(tree, variant), path="", reading=reading)
    whole = root.nested("generate_content_request", kind="GenerateContentRequest")
    if whole is None:
        return request.read(root, model=model, deadline=deadline, variant=variant)
    if root.has("contents"):
        root.take("contents")
        reading.blame(
            "contents",
            "Send either contents or generate_content_request, not both: leave contents out here.",
        )
    return request.read(whole, model=model, deadline=deadline, variant=variant)


def _with_instances(tree: dict[str, object], variant: Variant) -> dict[str, object]:
    """The older form ``{"instances": [{"prompt": "a fox"}]}`` as contents; any other is left."""
    instances = tree.get("instances")
    if not variant.instances or "contents" in tree or not isinstance(instances, list):
        return tree
    prompts = [row.get("prompt", row.get("content")) for row in instances if isinstance(row, dict)]
    if len(prompts) != len(instances) or not all(isinstance(said, str) for said in prompts):
        return tree
    rest = {name: value for name, value in tree.items() if name != "instances"}
    return rest | {"contents": [{"role": "user", "parts": [{"text": said}]} for said in prompts]}


def encode(
    counted: Usage, asked: GenerateRequest | None = None, *, variant: Variant = DEVELOPER
) -> bytes:
    """Writes the answer; only the prompt counts. ``asked`` is needed where characters are told."""
    body: dict[str, payload.Written] = {"totalTokens": counted.prompt}
    characters = _characters(asked) if asked and variant.counts_characters else 0
    if characters:
        body["totalBillableCharacters"] = characters
    details = usage.details(text=counted.prompt_text, image=counted.prompt_image)
    if details:
        body["promptTokensDetails"] = details
    return b"".join(payload.pieces(body))


def _characters(asked: GenerateRequest) -> int:
    """All characters but white space: what Google's oldest prices counted."""
    turns = [*asked.contents, *([asked.system_instruction] if asked.system_instruction else [])]
    texts = (part.text for turn in turns for part in turn.parts if part.text)
    return sum(len("".join(text.split())) for text in texts)


def encode_computed(asked: GenerateRequest) -> bytes:
    """Writes the answer of ``computeTokens``: the tokens of each content, in order.

    Raises ``UnsupportedParameter`` for a picture, whose tokens cannot be shown.
    """
    for path, part in asked.parts():
        if part.blob or part.file:
            raise UnsupportedParameter(
                f"{path} is a picture, and computeTokens lists the tokens of text only. Leave it "
                "out, or ask countTokens.",
                field=path,
            )
    rows: list[payload.Written] = []
    for content in asked.contents:
        pieces = [piece.encode() for p in content.parts for piece in text_pieces(p.text or "")]
        ids: list[payload.Written] = [str(crc32(piece) % _VOCABULARY) for piece in pieces]
        rows.append({"tokens": list(pieces), "tokenIds": ids, "role": content.role.value})
    return b"".join(payload.pieces({"tokensInfo": rows}))
