"""``:predict`` of an Imagen model: bytes to one ``GenerateRequest`` and how many pictures of it.

Parameters come as a protobuf Struct (``sampleCount: 4.0``), in both spellings, and in the words of
three generations of clients; ``schema`` has the tables. What a *model* can do is the catalog's
business and is checked in admission.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pisang.core.content import Content, Part, Role, Use
from pisang.core.errors import MalformedRequest, Violation
from pisang.core.image import sniff
from pisang.core.request import (
    AutoMask,
    Edit,
    EditMode,
    GenerateRequest,
    ImageConfig,
    Mask,
    Modality,
    SafetySetting,
    Sampling,
    UnknownField,
)
from pisang.wire import payload
from pisang.wire.fields import Fields, Reading
from pisang.wire.imagen import instances, schema
from pisang.wire.imagen.instances import Instance

# Read for their type, and without effect on a picture of ours.
_IDLE: Final = (
    "enhance_prompt",
    "auto_truncate",
    "rai_level",  # the safety level of Imagen's first year, a number
    "watermark_type",
    "base_steps",  # of virtual try-on, which has it beside the other parameters
)
_IDLE_EDIT: Final = ("base_steps", "guidance_scale", "product_position", "strength")
_IDLE_UPSCALE: Final = ("enhance_input_image", "image_preservation_factor")
_MASKED: Final = (EditMode.INSERT, EditMode.REMOVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """What to make, how often, and how to answer.

    ``storage`` is a ``gs://`` address without a slash at its end. ``paths`` says what the names in
    refusals of generateContent are called here (see ``faults``).
    """

    request: GenerateRequest
    count: int = 1
    storage: str | None = None
    with_reasons: bool = False
    with_attributes: bool = False
    paths: Mapping[str, str] = field(default_factory=dict)


def decode(body: bytes, *, model: str, deadline: float | None = None) -> Predict:
    """Reads a ``predict`` body; ``model`` is the id in the path, ``deadline`` is in seconds.

    Raises ``MalformedRequest`` for a body that is not well formed or has a name that Imagen does
    not know, naming every field that is wrong.
    """
    reading = Reading()
    asked = read(payload.read_object(body), reading, model=model, deadline=deadline)
    if unknown := reading.check():
        raise _unknown(unknown)
    return asked


def read(
    tree: dict[str, object], reading: Reading, *, model: str, deadline: float | None = None
) -> Predict:
    """Reads a parsed body. ``reading`` knows what is wrong with it, and is to be checked."""
    root = Fields(tree, path="", reading=reading)
    given = _instance(root)
    parameters = root.nested("parameters", kind="Value")
    parameters = parameters or Fields({}, path="parameters", reading=reading)
    asked = _predict(parameters, given, model=model, deadline=deadline)
    return replace(asked, request=replace(asked.request, labels=_labels(root)))


def _instance(root: Fields) -> Instance:
    sent = root.nested_list("instances", kind="Value", lone=True)
    if len(sent) == 1:
        return instances.read(sent[0])
    if not root.reading.blamed("instances"):
        root.reading.blame(
            "instances",
            f"instances holds {len(sent)} entries; Imagen takes exactly one. "
            'Send {"instances": [{"prompt": "..."}]}; parameters.sampleCount asks for more '
            "pictures of it.",
        )
    for instance in sent:
        instances.read(instance)
    return Instance()


def _predict(fields: Fields, given: Instance, *, model: str, deadline: float | None) -> Predict:
    count = fields.integer("sample_count")
    image = _image(fields)
    seed = _seed(fields)
    safety = _safety(fields)
    negative = fields.text("negative_prompt")
    fields.number("guidance_scale")
    _check_language(fields)
    upscale = _upscale(fields, given, image.image_size)
    edit = _edit(fields, given)
    style = fields.text("sample_image_style")
    fields.ignore(*_IDLE)
    prompt = f"{given.prompt}, {style.replace('_', ' ')}" if style else given.prompt
    words = (Part(text=prompt),) if prompt.strip() else ()
    if not words and not given.pictures and not fields.reading.blamed("instances"):
        fields.reading.blame(
            "instances[0].prompt", "instances[0] has no prompt. Say what the picture shows."
        )
    paths = {
        f"contents[0].parts[{number}]": path
        for number, path in enumerate(given.paths, start=len(words))
    }
    return Predict(
        request=GenerateRequest(
            model=model,
            contents=(Content(Role.USER, (*words, *given.pictures)),),
            modalities=frozenset({Modality.IMAGE}),
            image=image if upscale is None else replace(image, image_size=None),
            sampling=Sampling(seed=seed),
            safety=tuple(SafetySetting(c, safety) for c in schema.SAFETY_CATEGORIES if safety),
            edit=edit,
            upscale=upscale,
            negative=negative or None,
            deadline=deadline,
        ),
        count=1 if count is None else count,
        storage=_storage(fields),
        with_reasons=fields.flag("include_rai_reason") or False,
        with_attributes=fields.flag("include_safety_attributes") or False,
        paths=paths,
    )


def _image(fields: Fields) -> ImageConfig:
    options = fields.nested("output_options", kind="OutputOptions")
    size = fields.take("sample_image_size")
    if isinstance(size, int | float) and not isinstance(size, bool):
        size = f"{size:g}"
    if size is not None and not isinstance(size, str):
        fields.reading.invalid(
            fields.at("sample_image_size"), "TYPE_STRING", size, 'Send "1K" or "2K".'
        )
        size = None
    return ImageConfig(
        aspect_ratio=fields.text("aspect_ratio") or None,
        image_size=schema.SIZES.get(size, size) if size else None,
        person_generation=_person(fields),
        mime_type=(options.text("mime_type") or None) if options else None,
        quality=options.integer("compression_quality") if options else None,
    )


def _safety(fields: Fields) -> str | None:
    """The one safety level, by its name on the wire or by that of the Python clients."""
    levels = [
        fields.enum(name, schema.SAFETY, kind="SafetySetting", numbers={})
        for name in ("safety_setting", "safety_filter_level")
    ]
    return next(filter(None, levels), None)


def _person(fields: Fields) -> str | None:
    said = fields.enum("person_generation", schema.PERSONS, kind="PersonGeneration", numbers={})
    older = [word for name, word in schema.OLDER_PERSONS.items() if fields.flag(name)]
    return said or next(iter(older), None)


def _seed(fields: Fields) -> int | None:
    """A seed and a watermark exclude each other at Google, and the watermark is the default."""
    seed, watermark = fields.integer("seed"), fields.flag("add_watermark")
    if seed is not None and watermark is not False:
        fields.reading.blame(
            fields.at("seed"),
            "Seed is not supported when watermark is enabled. Send addWatermark: false with it.",
        )
    return seed


def _check_language(fields: Fields) -> None:
    said = fields.text("language")
    if said and said.lower() not in {code.lower() for code in schema.LANGUAGES}:
        remedy = f"Allowed: {', '.join(schema.LANGUAGES)}."
        fields.reading.invalid(fields.at("language"), "TYPE_STRING", said, remedy)


def _storage(fields: Fields) -> str | None:
    said = fields.text("storage_uri")
    if said and not said.startswith("gs://"):
        remedy = "Send gs://bucket or gs://bucket/folder."
        fields.reading.invalid(fields.at("storage_uri"), "TYPE_STRING", said, remedy)
    return said.rstrip("/") if said else None


def _upscale(fields: Fields, given: Instance, size: str | None) -> int | None:
    """The factor of an enlargement: said, or from the size that it should have."""
    mode = fields.text("mode")
    config = fields.nested("upscale_config", kind="UpscaleConfig")
    factor = None
    if config:
        factor = config.enum(
            "upscale_factor", schema.UPSCALE_FACTORS, kind="UpscaleFactor", numbers={}
        )
        config.ignore(*_IDLE_UPSCALE)
    if mode is None and config is not None:
        mode = "upscale"  # nothing else has this field
    if not mode or mode.lower() != "upscale":
        if mode:
            remedy = 'The only mode here is "upscale"; leave it out to draw or to edit.'
            fields.reading.invalid(fields.at("mode"), "TYPE_STRING", mode, remedy)
        return None
    base = given.base()
    if base is None:
        fields.reading.blame(
            "instances[0].image", "instances[0] has no image. Send the picture to be enlarged."
        )
        return None
    if factor is None and not fields.reading.blamed("parameters.upscale_config"):
        factor = _factor_to(size, base)
        if factor is None:
            fields.reading.blame(
                "parameters.upscale_config.upscale_factor",
                "The picture is to be enlarged, but not how far. Send upscaleConfig: "
                '{"upscaleFactor": "x2"}, or "x4".',
            )
    return factor


def _factor_to(size: str | None, base: Part) -> int | None:
    """The factor by which the longer side gets to the older ``sampleImageSize``, near enough."""
    header = sniff(base.blob.data) if base.blob else None
    target = schema.UPSCALE_SIZES.get(size or "")
    if header is None or target is None:
        return None
    factor = target / max(header.width, header.height, 1)
    near = round(factor)
    return near if near in schema.UPSCALE_FACTORS.values() and abs(factor - near) < 0.1 else None


def _edit(fields: Fields, given: Instance) -> Edit | None:
    mode = fields.enum("edit_mode", schema.EDIT_MODES, kind="EditMode", numbers={})
    config = fields.nested("edit_config", kind="EditConfig")
    if config:
        mode = _older_edit(config, given) or mode
    if given.having(Use.GARMENT):
        return Edit(mode=EditMode.WEAR)
    if given.base() is None:
        if mode in _MASKED or given.mask:
            fields.reading.blame(
                "instances[0].reference_images",
                "There is no picture to edit: send one with referenceType REFERENCE_TYPE_RAW.",
            )
        return None
    mask = given.mask
    if mode in _MASKED and mask is None:
        fields.reading.blame(
            "instances[0].reference_images",
            f"The edit mode {mode.value} needs a mask: send one with referenceType "
            "REFERENCE_TYPE_MASK, or a maskMode.",
        )
    if mode is EditMode.INSERT and mask and mask.auto is AutoMask.BACKGROUND:
        mode = EditMode.BACKGROUND  # how vertexai asks for another background
    return Edit(mode=mode or (EditMode.INSERT if mask else EditMode.FREE), mask=mask)


def _older_edit(config: Fields, given: Instance) -> EditMode | None:
    """``editConfig`` of Imagen 2: the mode, and what stands in for a mask."""
    mode = config.enum("edit_mode", schema.EDIT_MODES, kind="EditMode", numbers={})
    found = config.nested("mask_mode", kind="MaskMode")
    if found:
        auto = found.enum("mask_type", schema.MASK_MODES, kind="MaskType", numbers={})
        chosen = instances.classes(found, "classes")
        given.mask = given.mask or Mask(auto=auto, classes=chosen)
    dilation = instances.share(config, "mask_dilation")
    if given.mask and dilation:
        given.mask = replace(given.mask, dilation=dilation)
    config.ignore(*_IDLE_EDIT)
    return mode


def _labels(root: Fields) -> Mapping[str, str]:
    value = root.take("labels")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        root.reading.invalid(
            "labels", "TYPE_STRING", value, 'Send an object of strings, e.g. {"team": "web"}.'
        )
        return {}
    return dict(value)


def _unknown(names: tuple[UnknownField, ...]) -> MalformedRequest:
    """Google's words for names it does not know, all at once."""
    violations = []
    for unknown in names:
        place = f" at '{unknown.path}'" if unknown.path else ""
        text = f'Invalid JSON payload received. Unknown name "{unknown.name}"{place}: '
        violations.append(Violation(unknown.path, f"{text}Cannot find field."))
    message = "\n".join(violation.description for violation in violations)
    return MalformedRequest(message, violations=tuple(violations))
