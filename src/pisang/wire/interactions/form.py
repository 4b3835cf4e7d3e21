"""The picture's form, in both spellings (surfaces contract, section 8).

``response_format`` is the new one and also says which kinds of answer are wanted;
``generation_config.image_config`` is the old one. Both are read, and both at once as long as they
agree.
"""

from dataclasses import dataclass, field, replace

from pisang.core.request import ImageConfig, Modality
from pisang.wire.fields import Fields, read_object
from pisang.wire.interactions import schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What ``response_format`` says: the picture's form and where it stands, the kinds of answer
    that are named, and how pictures are delivered."""

    image: ImageConfig = field(default_factory=ImageConfig)
    path: str = ""
    kinds: frozenset[Modality] = frozenset()
    delivery: str = "inline"


def read(root: Fields) -> Form:
    """Reads ``response_format``, an object or a list of them; an absent one is an empty one."""
    value, path, reading = root.take("response_format"), root.at("response_format"), root.reading
    form = Form()
    entries = value if isinstance(value, list) else [] if value is None else [value]
    for index, entry in enumerate(entries):
        at = f"{path}[{index}]" if isinstance(value, list) else path
        fields = read_object(entry, path=at, kind="ResponseFormat", reading=reading)
        if fields is not None:
            form = _with_entry(form, fields)
    return form


def _with_entry(form: Form, fields: Fields) -> Form:
    kind = fields.text("type")
    if kind == "image":
        delivery = fields.enum("delivery", schema.DELIVERIES, kind="Delivery", numbers={})
        return Form(
            image=_merged(form.image, _image_format(fields), fields),
            path=fields.path,
            kinds=form.kinds | {Modality.IMAGE},
            delivery=delivery or form.delivery,
        )
    if kind == "text" and not fields.has("schema"):
        _plain_text(fields)
        return replace(form, kinds=form.kinds | {Modality.TEXT})
    what = f"type '{kind[:40]}'" if kind else "a form without a type"
    fields.reading.unsupported(
        fields.path,
        f"{fields.path}: {what} is not supported by image models. Send "
        '{"type": "image", "aspect_ratio": "16:9"}, or {"type": "text"}.',
    )
    fields.ignore(*fields.rest())
    return form


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


def with_image_config(image: ImageConfig, config: Fields | None) -> ImageConfig:
    """The form with what the older spelling in ``generation_config`` adds to it."""
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
