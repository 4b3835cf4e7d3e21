"""``POST chat/completions``: a chat request of OpenAI's dialect, read into a ``GenerateRequest``.

OpenAI's chat has no words for pictures in an answer, so every family of clients invented some
(surfaces contract, section 10.2); all are read: Google's ``extra_body.google`` (a key that really
stands in the body), the relays' ``modalities`` and ``image_config``, or nothing but the id of an
image model. Fields that are known and do nothing for a picture are skipped; so are unknown ones,
because chat clients send many of their own, but not those that look like a wish about the picture:
one that is silently dropped would be paid for.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pisang.catalog.models import Card, Resolution
from pisang.core.caller import ChatImages
from pisang.core.content import Content, Role
from pisang.core.request import (
    GenerateRequest,
    ImageConfig,
    Modality,
    Sampling,
    ServiceTier,
    Thinking,
    ThinkingLevel,
)
from pisang.wire import payload
from pisang.wire.fields import Fields, Reading
from pisang.wire.gemini import config, schema
from pisang.wire.openai.schema import Parameters, WrongParameter, wrong_choice, wrong_type
from pisang.wire.openai.sizes import read_size
from pisang.wire.openai.turns import read_messages

MOST_CHOICES: Final = 10

EFFORTS: Final[Mapping[str, int]] = {
    "none": 0,
    "minimal": 0,
    "low": 1,
    "medium": 2,
    "high": 3,
    "xhigh": 4,
}
_RANK: Final = {level: rank for rank, level in enumerate(ThinkingLevel)}
TIERS: Final[Mapping[str, ServiceTier | None]] = {
    "auto": None,
    "default": ServiceTier.STANDARD,
    "standard": ServiceTier.STANDARD,
    "flex": ServiceTier.FLEX,
    "priority": ServiceTier.PRIORITY,
    "scale": None,
}
_MODALITIES: Final = {modality.value.lower(): modality for modality in Modality}
_WISH: Final = re.compile(r"aspect|ratio$|resolution|image|picture|size", re.I)
_SEEDS: Final = 2**31  # OpenAI's are any 64 bits, Google's are 31
_BIG: Final = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a chat asks for. ``images`` is None where the request does not say; ``places`` are the
    messages' own paths of the contents'."""

    request: GenerateRequest
    found: Resolution
    choices: int = 1
    stream: bool = False
    include_usage: bool = False
    images: ChatImages | None = None
    places: Mapping[str, str] = field(default_factory=dict)


def decode(
    body: bytes, *, find: Callable[[str], Resolution], deadline: float | None = None
) -> ChatRequest:
    """Reads a chat request; ``find`` gives the card of a name, ``deadline`` is in seconds.

    Raises ``MalformedRequest`` with the ``param`` to blame, and what ``find`` raises.
    """
    root = _opened(payload.read_object(body))
    found = find(read_model(root))
    _refuse_what_no_picture_has(root)
    talk = read_messages(root)
    google = _google(root)
    request = GenerateRequest(
        model=found.card.id,
        contents=tuple(talk.contents),
        system_instruction=Content(Role.USER, tuple(talk.system)) if talk.system else None,
        modalities=_modalities(root) or google.modalities,
        image=_either_image(google.image, read_shape(root, found.card)),
        thinking=settled(google.thinking, _effort(root), found.card),
        sampling=_sampling(root),
        service_tier=read_tier(root),
        deadline=deadline,
    )
    options = root.nested("stream_options")
    asked = ChatRequest(
        request=request,
        found=found,
        choices=root.integer("n", low=1, high=MOST_CHOICES) or 1,
        stream=root.flag("stream") or False,
        include_usage=bool(options and options.flag("include_usage")),
        images=read_images(root.text("chat_images"), "chat_images"),
        places=talk.places,
    )
    refuse_wishes(root)
    return asked


def read_model(root: Parameters) -> str:
    """The id of the model, without the vendor that some relays put before it."""
    return root.needed_text("model").strip().removeprefix("google/")


def read_tier(root: Parameters) -> ServiceTier | None:
    """``service_tier`` in OpenAI's words and ours."""
    said = root.choice("service_tier", TIERS)
    return TIERS[said] if said else None


def read_images(said: str | None, param: str) -> ChatImages | None:
    """Where the caller wants the pictures of the answer."""
    if said is None:
        return None
    try:
        return ChatImages(said.strip().lower())
    except ValueError:
        raise wrong_choice(param, said, tuple(ChatImages)) from None


def _effort(root: Parameters) -> str | None:
    """OpenAI's word for it, or the relays' object."""
    inner = root.nested("reasoning") or Parameters({})
    return root.choice("reasoning_effort", EFFORTS) or inner.choice("effort", EFFORTS)


def settled(thinking: Thinking, effort: str | None, card: Card) -> Thinking:
    """An effort as the nearest level that the model has (of two, the higher); a model without
    levels thinks as it always does. A level that Google's own field gave stays."""
    if effort is None or not card.thinking.levels or thinking.level or thinking.budget is not None:
        return thinking
    wanted = EFFORTS[effort]
    level = min(card.thinking.levels, key=lambda each: (abs(_RANK[each] - wanted), -_RANK[each]))
    return replace(thinking, level=level)


def read_shape(root: Parameters, card: Card) -> ImageConfig:
    """The words for a shape that the images API has, where a chat client sends them too."""
    ratio = root.text("aspect_ratio") or root.text("aspectRatio")
    size = root.text("image_size") or root.text("imageSize")
    for name in ("resolution", "size"):
        if asked := root.text(name):
            shape = read_size(asked, card, param=name)
            ratio, size = ratio or shape.ratio, size or shape.size
    return ImageConfig(aspect_ratio=ratio, image_size=size)


def refuse_wishes(root: Parameters) -> None:
    """Refuses an unknown name that looks like a wish about the picture."""
    for name in root.rest():
        if _WISH.search(name):
            raise WrongParameter(
                f"Unknown parameter: '{name[:60]}'. Say how the picture should be with "
                'image_config, e.g. {"aspect_ratio": "16:9", "image_size": "2K"}.',
                param=name[:60],
                code="unknown_parameter",
            )


def _opened(tree: dict[str, object]) -> Parameters:
    """The body with ``extra_body`` merged into it. That belongs into the arguments of the client,
    but Google's own examples put it into the body, even twice; what stands in the body itself
    counts before it."""
    for _ in range(2):
        extra = tree.pop("extra_body", None)
        if extra is None:
            break
        if not isinstance(extra, dict):
            raise wrong_type("extra_body", "an object", extra)
        tree = extra | {name: value for name, value in tree.items() if value is not None}
    return Parameters(tree)


def _google(root: Parameters) -> config.Config:
    """Google's own words, whole in ``google`` or alone at the top; the more exact place wins."""
    reading = Reading(types="")
    read = []
    names = ("image_config", "thinking_config", "imageConfig", "thinkingConfig")
    top = {name: root.take(name) for name in names if root.has(name)}
    for path, value in (("google", root.take("google")), ("", top)):
        if value is None:
            continue
        if not isinstance(value, dict):
            raise wrong_type(path, "an object", value)
        fields = Fields(value, path=path, reading=reading)
        read.append(config.read(fields, schema.DEVELOPER))
    unknown = reading.check()
    if unknown:
        name = f"{unknown[0].path}.{unknown[0].name}".strip(".")
        raise WrongParameter(
            f"Unknown parameter: '{name[:80]}'. image_config takes aspect_ratio, image_size and "
            "person_generation; thinking_config takes include_thoughts, thinking_level and "
            "thinking_budget.",
            param=name[:80],
            code="unknown_parameter",
        )
    return _joined(read)


def _joined(read: list[config.Config]) -> config.Config:
    whole = config.Config()
    for one in read:
        whole = config.Config(
            modalities=whole.modalities or one.modalities,
            image=_either_image(whole.image, one.image),
            thinking=whole.thinking if whole.thinking != Thinking() else one.thinking,
        )
    return whole


def _either_image(first: ImageConfig, second: ImageConfig) -> ImageConfig:
    return replace(
        first,
        aspect_ratio=first.aspect_ratio or second.aspect_ratio,
        image_size=first.image_size or second.image_size,
        person_generation=first.person_generation or second.person_generation,
        mime_type=first.mime_type or second.mime_type,
    )


def _modalities(root: Parameters) -> frozenset[Modality]:
    found = set()
    for path, value in root.items("modalities"):
        said = value.lower() if isinstance(value, str) else ""
        if said not in _MODALITIES:
            raise wrong_choice(path, str(value), tuple(_MODALITIES))
        found.add(_MODALITIES[said])
    return frozenset(found)


def read_sampling(root: Parameters, *limits: str) -> Sampling:
    """What both chat and responses say about chance; ``limits`` are the names for the most tokens
    of the answer, of which the first that is there counts."""
    seed = root.integer("seed", low=-_BIG, high=_BIG - 1)
    most = [root.integer(name, low=1, high=_BIG) for name in limits]
    return Sampling(
        seed=None if seed is None else seed % _SEEDS,
        temperature=root.number("temperature"),
        top_p=root.number("top_p"),
        max_output_tokens=next((limit for limit in most if limit), None),
    )


def _sampling(root: Parameters) -> Sampling:
    stop = root.take("stop")
    stops = [stop] if isinstance(stop, str) else (stop or [])
    if not isinstance(stops, list) or not all(isinstance(each, str) for each in stops):
        raise WrongParameter("Invalid 'stop': send a string or a list of strings.", param="stop")
    return replace(
        read_sampling(root, "max_completion_tokens", "max_tokens"),
        top_k=root.number("top_k"),
        stop_sequences=tuple(stops),
    )


def _refuse_what_no_picture_has(root: Parameters) -> None:
    for name in ("tools", "functions"):
        if root.take(name):
            raise WrongParameter(
                f"Invalid '{name}': image models call no tools. Leave '{name}' out; a picture is "
                "drawn without one.",
                param=name,
                code="unsupported_parameter",
            )
    form = root.take("response_format")
    kind = form.get("type") if isinstance(form, dict) else form
    if kind not in (None, "text"):
        raise WrongParameter(
            "Invalid 'response_format': image models answer with pictures and text, not with JSON. "
            "Leave it out.",
            param="response_format",
            code="unsupported_parameter",
        )
