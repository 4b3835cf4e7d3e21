"""``POST interactions``: a body to an ``Asked``: the request for a model, and what is done with it.

Fields that Google knows and pisang does not serve are refused by name; names that nobody knows are
kept for admission, as on every surface. What a model can do is not decided here either, so errors
of later rooms are given this dialect's names by ``Asked.rename``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pisang.core.content import Content, Part, Role
from pisang.core.errors import MalformedRequest, PisangError
from pisang.core.request import (
    GenerateRequest,
    Modality,
    SafetySetting,
    Sampling,
    Thinking,
    Tool,
)
from pisang.wire import payload
from pisang.wire.fields import Fields, Reading, read_enum
from pisang.wire.interactions import form as forms
from pisang.wire.interactions import inputs, schema

_MOST_LABELS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller asked for. ``request`` has only the contents of this body; ``paths`` are their
    parts' names in it, ``form`` is the object that describes the picture. ``delivery`` is
    ``inline`` or ``uri``."""

    request: GenerateRequest
    paths: Sequence[Sequence[str]]
    form: str = "generation_config.image_config"
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
        names = {name: here.format(form=self.form) for name, here in schema.NAMES_HERE.items()}
        names |= {
            f"contents[{before + turn}].parts[{index}]": path
            for turn, paths in enumerate(self.paths)
            for index, path in enumerate(paths)
        }

        def renamed(text: str) -> str:
            if text == "contents":
                return "input"
            for name, path in names.items():
                text = text.replace(name, path)
            return text

        error.retell(renamed)


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
    form = forms.read(root)
    config = root.nested("generation_config", kind="GenerationConfig")
    modalities = _modalities(root) or form.kinds
    request = GenerateRequest(
        model=model,
        contents=said.contents,
        system_instruction=_system(root),
        modalities=modalities,
        image=forms.with_image_config(form.image, config),
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
        delivery=form.delivery,
        **({"form": form.path} if form.path else {}),
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
