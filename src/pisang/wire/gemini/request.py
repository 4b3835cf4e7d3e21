"""``GenerateContentRequest``: bytes to a ``GenerateRequest`` (server half) and back (client half).

The dialect decides what is well formed; what a *model* can do (a ratio, a size, two candidates) is
the catalog's business and is checked in admission. Names we do not know are kept, by path, in
``GenerateRequest.unknown``: engines of ours refuse them, an upstream of Google's gets them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pisang.core.content import Content
from pisang.core.request import GenerateRequest, SafetySetting, ServiceTier, Tool
from pisang.wire import payload
from pisang.wire.fields import Fields, Reading, camel
from pisang.wire.gemini import config, contents, schema
from pisang.wire.gemini.contents import require
from pisang.wire.gemini.schema import DEVELOPER, Variant

_MOST_LABELS: Final = 64


def decode(
    body: bytes, *, model: str, deadline: float | None = None, variant: Variant = DEVELOPER
) -> GenerateRequest:
    """Reads a ``generateContent`` body.

    ``model`` is the id in the path, without ``models/``; ``deadline`` is in seconds. Raises
    ``MalformedRequest`` for a body that is not well formed, naming every field that is wrong, and
    ``UnsupportedParameter`` for Google's features that pisang does not serve.
    """
    reading = Reading(variant.types)
    root = Fields(payload.read_object(body), path="", reading=reading)
    return read(root, model=model, deadline=deadline, variant=variant)


def read(
    root: Fields, *, model: str, deadline: float | None = None, variant: Variant = DEVELOPER
) -> GenerateRequest:
    """Reads the fields of a request that may sit inside another body (countTokens, batches)."""
    _check_model(root, model)
    said = contents.read_contents(root)
    _check_inline(said, root, variant)
    system = root.nested("system_instruction", kind="Content")
    # `{}` is none: google-cloud-aiplatform sends it with every countTokens.
    system_instruction = (
        contents.read_content(system, at_system=True) if system and system.rest() else None
    )
    read_config = config.read(root.nested("generation_config", kind="GenerationConfig"), variant)
    more = _NOTHING_MORE if root.is_empty else _more(root, variant)
    return GenerateRequest(
        model=model,
        contents=said,
        system_instruction=system_instruction,
        modalities=read_config.modalities,
        image=read_config.image,
        thinking=read_config.thinking,
        sampling=read_config.sampling,
        response_mime_type=read_config.response_mime_type,
        safety=more.safety,
        tools=more.tools,
        service_tier=more.service_tier,
        labels=more.labels,
        unknown=root.reading.check(),
        deadline=deadline,
    )


@dataclass(frozen=True, slots=True)
class _More:
    """What few requests say beside their contents and their ``generationConfig``."""

    safety: tuple[SafetySetting, ...] = ()
    tools: frozenset[Tool] = frozenset()
    service_tier: ServiceTier | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


_NOTHING_MORE: Final = _More()


def _more(root: Fields, variant: Variant) -> _More:
    reading = root.reading
    safety = tuple(
        setting
        for fields in root.nested_list("safety_settings", kind="SafetySetting")
        if (setting := _safety_setting(fields, variant))
    )
    tools = frozenset(
        tool for f in root.nested_list("tools", kind="Tool", lone=True) for tool in _tools(f)
    )
    tier = root.enum("service_tier", schema.SERVICE_TIERS, kind="ServiceTier", numbers={})
    labels = _labels(root)
    if root.take("cached_content") not in (None, ""):
        reading.unsupported(
            root.at("cached_content"),
            "cached_content is not supported: image models do not read cached contents. "
            "Send the contents themselves.",
        )
    for name, why in variant.unserved.items():
        if root.take(name) not in (None, {}):
            reading.unsupported(root.at(name), f"{root.at(name)} is not supported: {why}")
    root.ignore(*schema.IDLE_REQUEST_FIELDS)
    return _More(safety, tools, tier, labels)


def _check_model(root: Fields, model: str) -> None:
    """A model in the body may be named in full, as ``projects/…/publishers/google/models/ID``."""
    said = root.text("model")
    if said and said.rpartition("models/")[2] != model.rpartition("models/")[2]:
        root.reading.blame(
            root.at("model"),
            f"The model in the body, '{said[:100]}', is not the one in the address, '{model}'. "
            "Leave it out of the body.",
        )


def _check_inline(said: tuple[Content, ...], root: Fields, variant: Variant) -> None:
    if variant.most_inline is None:
        return
    for turn, content in enumerate(said):
        for index, part in enumerate(content.parts):
            if part.blob and len(part.blob.data) > variant.most_inline:
                path = root.at(f"contents[{turn}].parts[{index}].inline_data")
                root.reading.unsupported(
                    path,
                    f"{path} has {len(part.blob.data)} bytes, and Vertex AI takes at most "
                    f"{variant.most_inline} in the request. Scale the picture down, or name it as "
                    "fileData.",
                )


def _safety_setting(fields: Fields, variant: Variant) -> SafetySetting | None:
    said = fields.has("category")
    category = fields.enum(
        "category",
        schema.HARM_CATEGORIES,
        kind="HarmCategory",
        numbers=variant.harm_category_numbers,
    )
    threshold = fields.enum(
        "threshold",
        schema.THRESHOLDS,
        kind="SafetySetting.HarmBlockThreshold",
        numbers=schema.THRESHOLD_NUMBERS,
    )
    if variant.safety_method:
        fields.enum(
            "method",
            schema.HARM_METHODS,
            kind="SafetySetting.HarmBlockMethod",
            numbers=schema.HARM_METHOD_NUMBERS,
        )  # read and dropped: there are no scores here that one could be about
    if category is None:
        if not said:
            require(fields, "category", "category is not specified")
        return None
    return SafetySetting(category, threshold or schema.THRESHOLD_UNSPECIFIED)


def _tools(fields: Fields) -> list[Tool]:
    tools = []
    search = fields.nested("google_search", kind="Tool.GoogleSearch")
    if search:
        tools += _search_types(search)
    for name, tool in schema.TOOLS.items():
        if fields.take(name) is not None:
            tools.append(tool)
    for name in schema.FOREIGN_TOOLS:
        if fields.take(name) is not None:
            fields.reading.unsupported(
                fields.at(name),
                f"{fields.at(name)} is not supported: image models take only google_search.",
            )
    return tools


def _search_types(search: Fields) -> list[Tool]:
    search.ignore("exclude_domains", "time_range_filter", "blocking_confidence")
    types = search.nested("search_types", kind="Tool.GoogleSearch.SearchTypes")
    image = types is not None and types.take("image_search") is not None
    web = types is not None and types.take("web_search") is not None
    found = [Tool.IMAGE_SEARCH] if image else []
    return [Tool.GOOGLE_SEARCH, *found] if web or not image else found


def _labels(root: Fields) -> Mapping[str, str]:
    value, path = root.take("labels"), root.at("labels")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        root.reading.invalid(
            path, "TYPE_STRING", value, 'Send an object of strings, e.g. {"team": "web"}.'
        )
        return {}
    if len(value) > _MOST_LABELS:
        root.reading.blame(path, f"{len(value)} labels; at most {_MOST_LABELS} are allowed.")
    return dict(value)


def encode(request: GenerateRequest) -> bytes:
    """Writes a request as a client sends it; ``decode(encode(x)) == x``.

    ``model``, ``deadline`` travel in the address and a header; ``unknown`` has only names and is
    not written.
    """
    return b"".join(pieces(request))


def pieces(request: GenerateRequest, *, variant: Variant = DEVELOPER) -> list[bytes]:
    """Writes a request in pieces, to be sent one after another: it may hold many pictures."""
    return payload.pieces(_written(request, variant))


def _written(request: GenerateRequest, variant: Variant) -> dict[str, payload.Written]:
    body: dict[str, payload.Written] = {
        "contents": [contents.write_content(c) for c in request.contents]
    }
    if request.system_instruction:
        body["systemInstruction"] = contents.write_content(request.system_instruction)
    if request.tools:
        body["tools"] = [_written_tool(tool) for tool in _ordered_tools(request.tools)]
    if request.safety:
        body["safetySettings"] = [
            {"category": s.category, "threshold": s.threshold} for s in request.safety
        ]
    generation_config = config.written(request, variant)
    if generation_config:
        body["generationConfig"] = generation_config
    if request.service_tier and request.service_tier.value.upper() in schema.SERVICE_TIERS:
        body["serviceTier"] = request.service_tier.value
    if request.labels:
        body["labels"] = dict(request.labels)
    return body


def _ordered_tools(tools: frozenset[Tool]) -> list[frozenset[Tool]]:
    search = tools & {Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH}
    others = [frozenset({tool}) for tool in Tool if tool in tools - search]
    return [search, *others] if search else others


def _written_tool(tools: frozenset[Tool]) -> payload.Written:
    if Tool.IMAGE_SEARCH in tools:
        types: dict[str, payload.Written] = {"imageSearch": {}}
        if Tool.GOOGLE_SEARCH in tools:
            types["webSearch"] = {}
        return {"googleSearch": {"searchTypes": types}}
    (tool,) = tools
    return {camel(tool.value): [] if tool is Tool.FUNCTION_DECLARATIONS else {}}
