"""What the answers of other servers of OpenAI's kind have in common: pictures, refusals, usage.

A picture may come as base64, as a data URL, or as a link that somebody has to follow: reading makes
a ``Link`` of that, and the engine an image. A refusal is an error in OpenAI's dialect and a finish
reason in Google's, which is what events speak.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json

from pisang.core.content import Blob
from pisang.core.events import Event, Finished, FinishReason, Usage
from pisang.core.image import sniff
from pisang.wire.base64 import BadBase64, decode_base64
from pisang.wire.gemini import usage as google

NO_PICTURE: Final = "The server answered with neither a picture nor a text."
_BLOCKED: Final = frozenset(
    {"moderation_blocked", "content_policy_violation", "content_filter", "sensitive_content"}
)
_REASONS: Final[Mapping[str, FinishReason]] = {
    "stop": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "length": FinishReason.MAX_TOKENS,
    "max_tokens": FinishReason.MAX_TOKENS,
    "content_filter": FinishReason.IMAGE_SAFETY,
}
_TIERS: Final = {"default": "standard"}
_BOM: Final = b"\xef\xbb\xbf"
_GOOGLES_REASON: Final = re.compile(
    r"\b(?:IMAGE_(?:SAFETY|PROHIBITED_CONTENT|RECITATION|OTHER)|PROHIBITED_CONTENT|NO_IMAGE)\b"
)
_GOOGLES: Final = {reason.value: reason for reason in FinishReason}


@dataclass(frozen=True, slots=True)
class Link:
    """A picture that was not sent but named: an address, or a path on the server itself."""

    address: str
    signature: bytes | None = None


EventOrLink = Event | Link
"""What an answer says: an event, or a picture that is not here yet."""


class NoAnswer(Exception):
    """A body of status 200 that is no answer: an error in an answer's clothes (``body`` is its own
    envelope, ``status`` what it says itself), or it cannot be read, or (``cut``) stops short, or
    (``paid``) it is one whose picture cannot be had."""

    def __init__(
        self,
        why: str,
        *,
        status: int | None = None,
        body: bytes = b"",
        cut: bool = False,
        paid: bool = False,
    ) -> None:
        super().__init__(why)
        self.status = status
        self.body = body
        self.cut = cut
        self.paid = paid


def read_tree(body: bytes | bytearray) -> dict[str, object]:
    """Parses an answer. Raises ``NoAnswer``, also for an error that came with status 200."""
    try:
        tree: object = from_json(body.removeprefix(_BOM), allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise NoAnswer(f"not JSON: {error}"[:200]) from None
    if not isinstance(tree, dict):
        raise NoAnswer("not a JSON object")
    if told := tree.get("error"):
        raise told_error(told)
    return tree


def told_error(error: object) -> NoAnswer:
    """An error that stands where an answer should."""
    said = error.get("message") if isinstance(error, dict) else error
    envelope = json.dumps({"error": error}, ensure_ascii=False).encode("utf-8", "replace")
    why = f"an error: {said or 'without a message'}"
    return NoAnswer(why[:300], status=_status(error) or 500, body=envelope)


def read_picture(said: str) -> Blob:
    """A picture as base64, with or without ``data:...;base64,`` before it. Raises ``NoAnswer``."""
    _, comma, base64 = said.partition(",") if said[:5].lower() == "data:" else ("", "", said)
    try:
        data = _decoded(base64 if comma else said)
    except BadBase64 as error:
        raise NoAnswer(f"a picture that is not base64: {error}", paid=True) from None
    return named(data)


def _decoded(base64: str) -> bytes:
    """Base64 with or without line breaks: some servers write it as mail does."""
    try:
        return decode_base64(base64)
    except BadBase64:
        return decode_base64("".join(base64.split()))


def named(data: bytes) -> Blob:
    """The file under the type that its bytes have: what servers claim is often wrong."""
    header = sniff(data)
    if header is None:
        raise NoAnswer(f"{len(data)} bytes that are no picture", paid=True)
    return Blob(header.media_type, data)


def read_refusal(body: bytes) -> Finished | None:
    """The refusal that an error answer tells; None for any other error.

    OpenAI's ``type`` does not tell refusals from broken files (both are the user's), its ``code``
    does. Ours say ``no_image`` where nobody objected and nothing was drawn. Relays of Google's
    models put Google's reason into the sentence.
    """
    try:
        tree: object = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    error = tree.get("error") if isinstance(tree, dict) else None
    if not isinstance(error, dict):
        return None
    code, message = error.get("code"), error.get("message")
    words = message if isinstance(message, str) and message else None
    if own := _own_reason(error):
        return Finished(own, words)
    if code == "no_image":
        return Finished(FinishReason.NO_IMAGE, words)
    if words and (reason := _GOOGLES_REASON.search(words)):
        return Finished(FinishReason(reason[0]), words)
    if not isinstance(code, str) or code not in _BLOCKED:
        return None
    details = error.get("moderation_details")
    if isinstance(details, dict) and details.get("moderation_stage") == "input":
        return Finished(FinishReason.PROHIBITED_CONTENT, words, blocked=True)
    return Finished(FinishReason.IMAGE_SAFETY, words)


def _own_reason(error: Mapping[str, object]) -> FinishReason | None:
    """Google's reason, as another pisang hands it on."""
    rows = error.get("details")
    for row in rows if isinstance(rows, list) else ():
        metadata = row.get("metadata") if isinstance(row, dict) else None
        said = metadata.get("finish_reason") if isinstance(metadata, dict) else None
        if isinstance(said, str) and said in _GOOGLES.keys() - {FinishReason.STOP}:
            return _GOOGLES[said]
    return None


def read_reason(said: object, native: object = None) -> FinishReason:
    """A finish reason; ``native`` is Google's own word where a relay hands it on."""
    if isinstance(native, str) and native.upper() in _GOOGLES:
        return _GOOGLES[native.upper()]
    if not isinstance(said, str):
        return FinishReason.OTHER
    return _REASONS.get(said.lower()) or _GOOGLES.get(said.upper(), FinishReason.OTHER)


def read_tier(tree: Mapping[str, object]) -> str:
    """The tier that served, in Google's words; empty where that is not told."""
    said = tree.get("service_tier")
    return _TIERS.get(said, said) if isinstance(said, str) else ""


def read_usage(tree: Mapping[str, object], *, images: int, each: int) -> Usage | None:
    """What an answer cost, by kind of token; None where that is not told.

    ``each`` is what one picture costs by the catalog: many relays tell one sum only, and a picture
    that counts as text would be sold for a tenth.
    """
    for name in ("usageMetadata", "usage_metadata"):
        if isinstance(googles := tree.get(name), dict):
            return google.read(googles, images=images)
    told = tree.get("usage")
    if not isinstance(told, dict):
        return None
    prompt, ins = _count(told, "input_tokens", "prompt_tokens"), _part(told, "input", "prompt")
    output = _count(told, "output_tokens", "completion_tokens")
    outs = _part(told, "output", "completion")
    if not output and (images or not prompt):
        return None  # a picture is never free: this server does not count
    thoughts = min(_count(outs, "reasoning_tokens"), output)
    spoken = output - thoughts
    drawn = _count(outs, "image_tokens")
    if not drawn and images:
        drawn = min(spoken, each * images) if each and "input_tokens" not in told else spoken
    shown = min(_count(ins, "image_tokens"), prompt)
    return Usage(
        prompt_text=prompt - shown,
        prompt_image=shown,
        text_output=max(0, spoken - drawn),
        image_output=drawn,
        thoughts=thoughts,
        images=images,
    )


def _count(told: Mapping[str, object], *names: str) -> int:
    for name in names:
        value = told.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**63:
            return int(value)
    return 0


def _part(told: Mapping[str, object], *names: str) -> Mapping[str, object]:
    for name in names:
        if isinstance(value := told.get(f"{name}_tokens_details"), dict):
            return value
    return {}


def _status(error: object) -> int | None:
    """The HTTP status that an error names in its own body, if any."""
    if not isinstance(error, dict):
        return None
    for name in ("status", "code"):
        value = error.get(name)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return None
