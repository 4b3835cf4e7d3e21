"""OpenAI's chat from the other side: a conversation written for a server that draws in one.

Nothing of a conversation is lost here: every turn, every picture and every signature goes along. A
picture that the model made stands where this server puts pictures itself, because a server that
puts them into the text looks for them there.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from pisang.core.caller import ChatImages
from pisang.core.content import Part, Role, Use
from pisang.core.errors import EngineRejected
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, Modality, ServiceTier, ThinkingLevel
from pisang.wire import payload
from pisang.wire.gemini.schema import SIGNATURE_BYPASSES
from pisang.wire.openai.completions import data_url
from pisang.wire.openai.image_calls import Call, shape
from pisang.wire.openai.words import ChatWords, Thinks
from pisang.wire.payload import Joined, Letters, Written

CHAT: Final = "chat/completions"

_EFFORTS: Final[Mapping[ThinkingLevel, str]] = {
    level: level.value.lower() for level in ThinkingLevel
}
_TIERS: Final = frozenset({ServiceTier.FLEX, ServiceTier.PRIORITY})
_WORDS: Final = {signature: word for word, signature in SIGNATURE_BYPASSES.items()}


def write(request: GenerateRequest, *, canvas: Canvas, words: ChatWords) -> Call:
    """Writes a request for one answer. Raises ``EngineRejected``."""
    if request.upscale or request.edit:
        raise EngineRejected("A chat has no words for masks, kinds of edits, or enlarging.")
    if request.image.transparent:
        raise EngineRejected("A chat has no word for a transparent ground.")
    body: dict[str, Written] = {"model": request.model, "messages": _messages(request, words)}
    if words.modalities:
        kinds = request.modalities or frozenset((Modality.IMAGE, Modality.TEXT))
        body["modalities"] = [kind.value.lower() for kind in sorted(kinds)]
    body = _merged(body, shape(request, canvas, words.shape))
    body = _merged(body, _thinking(request, words.thinks))
    body |= _sampling(request)
    if request.service_tier in _TIERS:
        body["service_tier"] = request.service_tier.value
    if words.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body = _merged(body, words.extra)
    return Call(CHAT, payload.pieces(body), stream=words.stream)


def _messages(request: GenerateRequest, words: ChatWords) -> list[Written]:
    messages: list[Written] = []
    if request.system_instruction and request.system_instruction.text:
        messages.append({"role": "system", "content": request.system_instruction.text})
    for content in request.contents:
        parts = [part for part in content.parts if not part.thought]
        if not parts:
            continue
        if content.role is Role.MODEL:
            messages.append(_model(parts, words))
        else:
            messages.append({"role": "user", "content": _said(parts)})
    if request.negative:
        messages.append({"role": "user", "content": f"Do not show: {request.negative}"})
    return messages


def _said(parts: Sequence[Part]) -> Written:
    """A text alone as itself, anything else as a list of parts."""
    if len(parts) == 1 and parts[0].text is not None:
        return parts[0].text
    return [_part(part) for part in parts]


def _part(part: Part) -> Written:
    if part.text is not None:
        return {"type": "text", "text": part.text}
    if part.use is Use.MASK:
        raise EngineRejected("A chat has no word for a mask.")
    return _picture(part)


def _picture(part: Part) -> dict[str, Written]:
    address = part.file.uri if part.file else ""
    url: Written = data_url(part.blob) if part.blob is not None else address
    return {"type": "image_url", "image_url": {"url": url}}


def _model(parts: Sequence[Part], words: ChatWords) -> Written:
    """What the model said and drew before. The signature of its text stands on the message, as
    Google's layer has it; that of a picture, on the picture."""
    texts = [part for part in parts if part.text is not None]
    pictures = [part for part in parts if part.text is None]
    message: dict[str, Written] = {"role": "assistant"}
    if words.images is ChatImages.IMAGES:
        message["content"] = _said(texts) if texts else None
        if pictures:
            message["images"] = [_shown(number, part) for number, part in enumerate(pictures)]
    else:
        message["content"] = _inside(parts, words.images)
    signed = texts if words.images is ChatImages.IMAGES else parts
    if signature := next((part.thought_signature for part in signed), None):
        message["extra_content"] = _signature(signature)
    return message


def _shown(number: int, part: Part) -> Written:
    shown: dict[str, Written] = {**_picture(part), "index": number}
    if part.thought_signature:
        shown["extra_content"] = _signature(part.thought_signature)
    return shown


def _inside(parts: Sequence[Part], images: ChatImages) -> Written:
    """A text with the pictures in it."""
    told: list[Letters] = []
    for part in parts:
        piece: tuple[Letters, ...] = (part.text or "",)
        if part.blob is not None:
            url = data_url(part.blob).parts
            piece = ("![image](", *url, ")") if images is ChatImages.MARKDOWN else url
        elif part.file is not None:
            piece = (f"![image]({part.file.uri})",)
        told += ("\n\n", *piece) if told else piece
    return Joined(tuple(told))


def _signature(signature: bytes) -> Written:
    """Google's words that stand in for a signature are written as words."""
    return {"google": {"thought_signature": _WORDS.get(signature, signature)}}


def _thinking(request: GenerateRequest, thinks: Thinks) -> Mapping[str, Written]:
    asked = request.thinking
    if thinks is Thinks.EFFORT:
        return {"reasoning_effort": _EFFORTS[asked.level]} if asked.level else {}
    if thinks is Thinks.NOT:
        return {}
    told: dict[str, Written] = {}
    if asked.include_thoughts:
        told["include_thoughts"] = True
    if asked.level:
        told["thinking_level"] = asked.level.value.lower()
    if asked.budget is not None:
        told["thinking_budget"] = asked.budget
    return {"extra_body": {"google": {"thinking_config": told}}} if told else {}


def _sampling(request: GenerateRequest) -> dict[str, Written]:
    asked = request.sampling
    told: dict[str, Written] = {
        "seed": asked.seed,
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "top_k": asked.top_k,
        "max_tokens": asked.max_output_tokens,
        "stop": list(asked.stop_sequences) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _merged(body: Mapping[str, Written], more: Mapping[str, Written]) -> dict[str, Written]:
    """Both objects in one, and the objects in them too."""
    whole = dict(body)
    for name, value in more.items():
        known = whole.get(name)
        both = isinstance(known, dict) and isinstance(value, dict)
        whole[name] = _merged(known, value) if both else value  # type: ignore[arg-type]
    return whole
