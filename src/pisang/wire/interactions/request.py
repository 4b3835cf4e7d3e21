"""``POST interactions``: a body to an ``Asked``: the request for a model, and what is done with it.

The picture's form has two spellings. ``response_format`` is the new one and also says which kinds
of answer are wanted; ``generation_config.image_config`` and ``response_modalities`` are the old
ones (surfaces contract, section 8). Both are read, and both at once as long as they agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pisang.core.content import Content, Part, Role
from pisang.core.errors import MalformedRequest, PisangError, Violation
from pisang.core.request import (
    GenerateRequest,
    ImageConfig,
    Modality,
    SafetySetting,
    Sampling,
    Thinking,
    Tool,
)
from pisang.wire import payload
from pisang.wire.fields import Fields, Reading, read_enum, read_object
from pisang.wire.interactions import inputs, schema

_MOST_LABELS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller asked for. ``request`` has only the contents of this body; ``paths`` are their
    parts' names in it. ``delivery`` is ``inline`` or ``uri``."""

    request: GenerateRequest
    paths: Sequence[Sequence[str]]
    previous_id: str | None = None
    store: bool = True
    background: bool = False
    stream: bool = False
    delivery: str = "inline"

    def after(self, contents: Sequence[Content]) -> GenerateRequest:
        """The request with what was said before."""
        return replace(self.request, contents=(*contents, *self.request.contents))

    def rename(self, error: PisangError, *, before: int = 0) -> None:
        """Gives an error that blames a part of the contents the names of this body; ``before`` is
        how many contents were said before."""
        names = {
            f"contents[{before + turn}].parts[{index}]": path
            for turn, paths in enumerate(self.paths)
            for index, path in enumerate(paths)
        }

        def renamed(text: str) -> str:
            for name, path in names.items():
                text = text.replace(name, path)
            return text.replace(".file_data", ".uri")

        error.message = renamed(error.message)
        error.violations = tuple(
            Violation(
                renamed(v.field) if v.field != "contents" else "input", renamed(v.description)
            )
            for v in error.violations
        )


def decode(body: bytes, *, deadline: float | None = None) -> Asked:
    """Reads the body of ``POST interactions``; ``deadline`` is in seconds.

    Raises ``MalformedRequest`` naming every field that is wrong, and ``UnsupportedParameter`` for
    what Google's API knows and pisang does not serve.
    """
    reading = Reading()
    root = Fields(payload.read_object(body), path="", reading=reading)
    said = inputs.Said()
    model = _model(root)
    inputs.read_input(root, said)
    image, kinds, delivery = _response_format(root)
    config = root.nested("generation_config", kind="GenerationConfig")
    modalities = _modalities(root) or kinds
    request = GenerateRequest(
        model=model,
        contents=said.contents,
        system_instruction=_system(root),
        modalities=modalities,
        image=_with_image_config(image, config),
        thinking=_thinking(config),
        sampling=_sampling(config),
        response_mime_type=root.text("response_mime_type") or None,
        safety=_safety(root),
        tools=_tools(root),
        service_tier=root.enum(
            "service_tier", schema.SERVICE_TIERS, kind="ServiceTier", numbers={}
        ),
        labels=_labels(root),
        deadline=deadline,
    )
    asked = Asked(
        request=request,
        paths=said.paths,
        previous_id=root.text("previous_interaction_id") or None,
        store=root.flag("store") is not False,
        background=root.flag("background") or False,
        stream=root.flag("stream") or False,
        delivery=delivery,
    )
    if asked.background and not asked.store:
        reading.blame(
            "store", "background needs store: nobody could ask for the answer. Leave store out."
        )
    _refuse_unserved(root)
    root.ignore(*schema.IDLE_FIELDS)
    if config is not None:
        config.ignore(*schema.IDLE_CONFIG_FIELDS)
    unknown = reading.check()
    return replace(asked, request=replace(request, unknown=unknown))


def _model(root: Fields) -> str:
    model, agent = root.text("model"), root.text("agent")
    if agent:
        root.reading.unsupported(
            "agent",
            f"The agent '{agent[:100]}' is not served: pisang makes images with models. Leave "
            "agent out and name a model, e.g. model: gemini-3.1-flash-image.",
        )
    elif not model and not root.reading.blamed("model"):
        root.reading.blame(
            "model",
            "* CreateInteractionRequest.model: model is not specified. "
            "Send e.g. gemini-3.1-flash-image.",
        )
    return (model or "").removeprefix("models/")


def _system(root: Fields) -> Content | None:
    text = root.text("system_instruction")
    return Content(Role.USER, (Part(text=text),)) if text else None


def _modalities(root: Fields) -> frozenset[Modality]:
    found = (
        read_enum(
            value,
            path,
            root.reading,
            table=schema.MODALITIES,
            kind="ResponseModality",
            numbers={},
        )
        for path, value in root.items("response_modalities")
    )
    return frozenset(modality for modality in found if modality is not None)


def _response_format(root: Fields) -> tuple[ImageConfig, frozenset[Modality], str]:
    """The picture's form, the kinds of answer that are named, and how pictures are delivered."""
    value, path, reading = root.take("response_format"), root.at("response_format"), root.reading
    image, kinds, delivery = ImageConfig(), set[Modality](), "inline"
    entries = value if isinstance(value, list) else [] if value is None else [value]
    for index, entry in enumerate(entries):
        at = f"{path}[{index}]" if isinstance(value, list) else path
        fields = read_object(entry, path=at, kind="ResponseFormat", reading=reading)
        if fields is None:
            continue
        kind = fields.text("type")
        if kind == "image":
            kinds.add(Modality.IMAGE)
            image = _merged(image, _image_format(fields), fields)
            delivery = (
                fields.enum("delivery", schema.DELIVERIES, kind="Delivery", numbers={}) or delivery
            )
        elif kind == "text" and not fields.has("schema"):
            kinds.add(Modality.TEXT)
            _plain_text(fields)
        else:
            what = f"type '{kind[:40]}'" if kind else "a form without a type"
            reading.unsupported(
                at,
                f"{at}: {what} is not supported by image models. Send "
                '{"type": "image", "aspect_ratio": "16:9"}, or {"type": "text"}.',
            )
            fields.ignore(*fields.rest())
    return image, frozenset(kinds), delivery


def _plain_text(fields: Fields) -> None:
    said = fields.text("mime_type")
    if said not in (None, "", "text/plain"):
        fields.reading.unsupported(
            fields.at("mime_type"),
            f"JSON mode is not enabled for image models: leave {fields.at('mime_type')} out.",
        )


def _image_format(fields: Fields) -> ImageConfig:
    return ImageConfig(
        aspect_ratio=fields.text("aspect_ratio") or None,
        image_size=fields.text("image_size") or None,
        mime_type=fields.text("mime_type") or None,
    )


def _with_image_config(image: ImageConfig, config: Fields | None) -> ImageConfig:
    fields = config.nested("image_config", kind="ImageConfig") if config else None
    if fields is None:
        return image
    old = ImageConfig(
        aspect_ratio=fields.text("aspect_ratio") or None,
        image_size=fields.text("image_size") or None,
    )
    return _merged(image, old, fields)


def _merged(one: ImageConfig, other: ImageConfig, fields: Fields) -> ImageConfig:
    values: dict[str, str | None] = {}
    for name in ("aspect_ratio", "image_size", "mime_type"):
        old, new = getattr(one, name), getattr(other, name)
        if old and new and old != new:
            fields.reading.blame(
                fields.at(name),
                f"{fields.at(name)} is '{new[:40]}' but was given as '{old[:40]}' elsewhere "
                "(in response_format or generation_config.image_config). Send it once.",
            )
        values[name] = old or new
    return replace(
        one,
        aspect_ratio=values["aspect_ratio"],
        image_size=values["image_size"],
        mime_type=values["mime_type"],
    )


def _thinking(config: Fields | None) -> Thinking:
    if config is None:
        return Thinking()
    level = config.enum("thinking_level", schema.THINKING_LEVELS, kind="ThinkingLevel", numbers={})
    summaries = config.enum(
        "thinking_summaries", schema.SUMMARIES, kind="ThinkingSummaries", numbers={}
    )
    return Thinking(include_thoughts=summaries or False, level=level)


def _sampling(config: Fields | None) -> Sampling:
    if config is None:
        return Sampling()
    return Sampling(
        seed=config.integer("seed"),
        temperature=config.number("temperature"),
        top_p=config.number("top_p"),
        max_output_tokens=config.integer("max_output_tokens"),
        stop_sequences=tuple(config.texts("stop_sequences")),
    )


def _safety(root: Fields) -> tuple[SafetySetting, ...]:
    settings = []
    for fields in root.nested_list("safety_settings", kind="SafetySetting"):
        category = fields.enum("type", schema.HARM_CATEGORIES, kind="HarmCategory", numbers={})
        threshold = fields.enum("threshold", schema.THRESHOLDS, kind="Threshold", numbers={})
        fields.ignore("method")
        if category and threshold:
            settings.append(SafetySetting(category, threshold))
    return tuple(settings)


def _tools(root: Fields) -> frozenset[Tool]:
    found: set[Tool] = set()
    for fields in root.nested_list("tools", kind="Tool", lone=True):
        kind = fields.text("type") or ""
        if kind == "google_search":
            found.update(_searches(fields))
        elif kind in schema.TOOLS:
            found.add(schema.TOOLS[kind])
            fields.ignore(*fields.rest())
        else:
            fields.reading.unsupported(
                fields.path,
                f"{fields.path}: the tool '{kind[:40]}' is not supported; image models take only "
                '{"type": "google_search"}.',
            )
            fields.ignore(*fields.rest())
    return frozenset(found)


def _searches(fields: Fields) -> set[Tool]:
    found: set[Tool] = set()
    for index, name in enumerate(fields.texts("search_types")):
        if name.lower() in schema.SEARCHES:
            found.add(schema.SEARCHES[name.lower()])
        else:
            at = f"{fields.at('search_types')}[{index}]"
            fields.reading.unsupported(
                at, f"{at}: '{name[:40]}' is not supported. Use {', '.join(schema.SEARCHES)}."
            )
    return found or {Tool.GOOGLE_SEARCH}


def _labels(root: Fields) -> Mapping[str, str]:
    value, path = root.take("labels"), root.at("labels")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        root.reading.invalid(path, "TYPE_STRING", value, 'Send e.g. {"team": "web"}.')
        return {}
    if len(value) > _MOST_LABELS:
        root.reading.blame(path, f"{len(value)} labels; at most {_MOST_LABELS} are allowed.")
    return dict(value)


def _refuse_unserved(root: Fields) -> None:
    for name, why in schema.UNSERVED_FIELDS.items():
        if root.take(name) not in (None, "", {}):
            root.reading.unsupported(name, f"{name} is not supported: {why}")


def flag_of(value: str | None, name: str) -> bool:
    """A ``true`` or ``false`` of a query string; absent and empty are false."""
    said = (value or "").lower()
    if said not in ("", "true", "false", "1", "0"):
        raise MalformedRequest(
            f"Invalid value at '{name}' (TYPE_BOOL), \"{said[:40]}\". Send true or false.",
            field=name,
        )
    return said in ("true", "1")
