"""``generationConfig``: what kind of answer, which picture, how to think and how to sample.

The picture can be described twice, in ``imageConfig`` (what every SDK sends) and in
``responseFormat`` (what Google's reference calls the new way, as an object in the prose and an
array in the formal schema; surfaces contract, section 2.4). Both forms are read, and both at once
as long as they agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pisang.core.request import GenerateRequest, ImageConfig, Modality, Sampling, Thinking
from pisang.wire.fields import Fields, read_enum, read_object
from pisang.wire.gemini import schema
from pisang.wire.gemini.schema import Variant
from pisang.wire.payload import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The part of a ``GenerateRequest`` that ``generationConfig`` decides."""

    modalities: frozenset[Modality] = frozenset()
    image: ImageConfig = field(default_factory=ImageConfig)
    thinking: Thinking = field(default_factory=Thinking)
    sampling: Sampling = field(default_factory=Sampling)
    response_mime_type: str | None = None


_NOTHING_SAID: Final = Config()


def read(fields: Fields | None, variant: Variant) -> Config:
    """Reads ``generationConfig``; an absent one is an empty one."""
    if fields is None:
        return _NOTHING_SAID
    image = _image_config(fields.nested("image_config", kind="ImageConfig"), variant)
    read_config = Config(
        modalities=_modalities(fields),
        image=_with_response_format(image, fields),
        thinking=_thinking(fields.nested("thinking_config", kind="ThinkingConfig")),
        sampling=_sampling(fields),
        response_mime_type=fields.text("response_mime_type") or None,
    )
    fields.ignore(*schema.IDLE_CONFIG_FIELDS)
    return read_config


def _modalities(fields: Fields) -> frozenset[Modality]:
    found = (
        read_enum(
            value,
            path,
            fields.reading,
            table=schema.MODALITIES,
            kind="GenerationConfig.Modality",
            numbers=schema.MODALITY_NUMBERS,
        )
        for path, value in fields.items("response_modalities")
    )
    return frozenset(modality for modality in found if modality is not None)


def _image_config(fields: Fields | None, variant: Variant) -> ImageConfig:
    if fields is None:
        return _NOTHING_SAID.image
    person = prominent = mime_type = quality = None
    if "person_generation" in variant.image_config:
        person = fields.enum(
            "person_generation",
            schema.PERSON_GENERATION,
            kind="ImageConfig.PersonGeneration",
            numbers={},
        )
    if "prominent_people" in variant.image_config:
        prominent = fields.enum(
            "prominent_people",
            schema.PROMINENT_PEOPLE,
            kind="ImageConfig.ProminentPeople",
            numbers={},
        )
    if "image_output_options" in variant.image_config:
        options = fields.nested("image_output_options", kind="ImageConfig.ImageOutputOptions")
        if options:
            mime_type = options.text("mime_type") or None
            quality = options.integer("compression_quality", bounds=(0, 100))
    return ImageConfig(
        aspect_ratio=fields.text("aspect_ratio") or None,
        image_size=fields.text("image_size") or None,
        person_generation=person,
        prominent_people=prominent,
        mime_type=mime_type,
        quality=quality,
    )


def _with_response_format(image: ImageConfig, fields: Fields) -> ImageConfig:
    reading = fields.reading
    path = fields.at("response_format")
    value = fields.take("response_format")
    if value is None:
        return image
    entries = value if isinstance(value, list) else [value]
    for index, entry in enumerate(entries):
        at = f"{path}[{index}]" if isinstance(value, list) else path
        opened = read_object(entry, path=at, kind="ResponseFormat", reading=reading)
        if opened is None:
            continue
        opened.ignore("text")
        for medium in ("audio", "video"):
            if opened.take(medium) is not None:
                text = f"{opened.at(medium)} is not supported: pisang makes images."
                reading.unsupported(opened.at(medium), text)
        picture = opened.nested("image", kind="ImageResponseFormat")
        if picture:
            image = _merged(image, _image_format(picture), picture)
    return image


def _image_format(fields: Fields) -> ImageConfig:
    if (fields.text("delivery") or "INLINE").upper() == "URI":
        fields.reading.unsupported(
            fields.at("delivery"), "delivery URI is not supported: leave it out, or send INLINE."
        )
    return ImageConfig(
        aspect_ratio=_plain_or_named(fields, "aspect_ratio", schema.ASPECT_RATIO_NAMES),
        image_size=_plain_or_named(fields, "image_size", schema.IMAGE_SIZE_NAMES),
        mime_type=_plain_or_named(fields, "mime_type", schema.IMAGE_MIME_TYPES),
    )


_ENUM_PREFIXES: Final = ("ASPECT_RATIO_", "IMAGE_SIZE_", "IMAGE_")


def _plain_or_named(fields: Fields, name: str, names: Mapping[str, str]) -> str | None:
    """``16:9`` as it is; ``ASPECT_RATIO_SIXTEEN_BY_NINE`` by the table; other names are blamed."""
    said = fields.text(name)
    if not said:
        return None
    upper = said.upper()
    if upper in names:
        return names[upper]
    if upper.endswith("_UNSPECIFIED"):
        return None
    if upper.startswith(_ENUM_PREFIXES):
        remedy = f"Send it plainly, e.g. '{next(iter(names.values()))}', or as one of the names."
        fields.reading.invalid(fields.at(name), "TYPE_ENUM", said, remedy)
    return said


def _merged(config: ImageConfig, form: ImageConfig, fields: Fields) -> ImageConfig:
    for name in ("aspect_ratio", "image_size", "mime_type"):
        old, new = getattr(config, name), getattr(form, name)
        if old and new and old != new:
            fields.reading.blame(
                fields.at(name),
                f"{fields.at(name)} is '{new}' but was given as '{old}' before "
                "(in image_config or another response_format). Send it once.",
            )
    return replace(
        config,
        aspect_ratio=config.aspect_ratio or form.aspect_ratio,
        image_size=config.image_size or form.image_size,
        mime_type=config.mime_type or form.mime_type,
    )


def _thinking(fields: Fields | None) -> Thinking:
    if fields is None:
        return _NOTHING_SAID.thinking
    level = fields.enum(
        "thinking_level",
        schema.THINKING_LEVELS,
        kind="ThinkingConfig.ThinkingLevel",
        numbers={},
    )
    budget = fields.integer("thinking_budget")
    return Thinking(
        include_thoughts=fields.flag("include_thoughts") or False, level=level, budget=budget
    )


def _sampling(fields: Fields) -> Sampling:
    """Types only: which values a model takes is checked in admission, for every dialect alike."""
    if fields.is_empty:
        return _NOTHING_SAID.sampling
    return Sampling(
        seed=fields.integer("seed"),
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        top_k=fields.number("top_k"),
        candidate_count=fields.integer("candidate_count"),
        max_output_tokens=fields.integer("max_output_tokens"),
        stop_sequences=tuple(fields.texts("stop_sequences")),
    )


def written(request: GenerateRequest, variant: Variant) -> dict[str, Written]:
    """Writes what of a request belongs into ``generationConfig``; empty if nothing does."""
    out: dict[str, Written] = {}
    if request.modalities:
        out["responseModalities"] = [m.value for m in Modality if m in request.modalities]
    out |= _written_image(request.image, variant)
    thinking = _present(
        includeThoughts=request.thinking.include_thoughts or None,
        thinkingLevel=request.thinking.level.value if request.thinking.level else None,
        thinkingBudget=request.thinking.budget,
    )
    if thinking:
        out["thinkingConfig"] = thinking
    sampling = request.sampling
    return out | _present(
        temperature=sampling.temperature,
        topP=sampling.top_p,
        topK=sampling.top_k,
        candidateCount=sampling.candidate_count,
        maxOutputTokens=sampling.max_output_tokens,
        stopSequences=list(sampling.stop_sequences) or None,
        seed=sampling.seed,
        responseMimeType=request.response_mime_type,
    )


_MIME_TYPE_NAMES: Final = {mime: name for name, mime in schema.IMAGE_MIME_TYPES.items()}


def _written_image(image: ImageConfig, variant: Variant) -> dict[str, Written]:
    out: dict[str, Written] = {}
    picture = _present(
        aspectRatio=image.aspect_ratio,
        imageSize=image.image_size,
        personGeneration=image.person_generation,
        prominentPeople=image.prominent_people,
    )
    options = _present(mimeType=image.mime_type, compressionQuality=image.quality)
    # Only a surface with imageOutputOptions has a quality.
    if image.quality is not None or (options and "image_output_options" in variant.image_config):
        picture["imageOutputOptions"] = options
    elif image.mime_type is not None:
        name = _MIME_TYPE_NAMES.get(image.mime_type, image.mime_type)
        out["responseFormat"] = {"image": {"mimeType": name}}
    if picture:
        out["imageConfig"] = picture
    return out


def _present(**values: Written) -> dict[str, Written]:
    return {name: value for name, value in values.items() if value is not None}
