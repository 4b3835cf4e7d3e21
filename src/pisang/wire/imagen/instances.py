"""One instance of ``:predict``: the prompt and every picture that comes with it, each with its use.

Three generations write pictures: the ``image`` and ``mask`` of Imagen 2, the ``referenceImages`` of
Imagen 3, the ``personImage`` and ``productImages`` of the try-on and recontext models. All become
parts of one content; ``paths`` remembers where each came from, for whoever refuses it later.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from pisang.core.content import Blob, FileRef, Part, Use
from pisang.core.request import Mask
from pisang.wire.fields import Fields
from pisang.wire.imagen import schema

_MARK: Final = re.compile(r"\s?\[(\d{1,9})\]")
_BEFORE: Final = re.compile(r"(\w[\w'-]*)\W*$")
_MOST_PICTURES: Final = 16
_LONGEST_CLASS: Final = 4  # digits; Google has 194 classes


@dataclass(slots=True)
class Instance:
    """What was read. ``mask`` is set where a mask was sent or is to be found; ``paths`` has the
    path of each of the ``pictures``."""

    prompt: str = ""
    pictures: list[Part] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    mask: Mask | None = None

    def base(self) -> Part | None:
        """The picture to be edited."""
        return next((part for part in self.pictures if part.use is None), None)

    def having(self, use: Use) -> bool:
        return any(part.use is use for part in self.pictures)

    def add(self, part: Part, path: str) -> None:
        self.pictures.append(part)
        self.paths.append(path)


@dataclass(frozen=True, slots=True)
class _Reference:
    number: int | None
    part: Part
    path: str


def read(fields: Fields) -> Instance:
    """Reads ``instances[0]``."""
    found = Instance(prompt=fields.text("prompt") or "")
    for name in ("image", "mask"):
        opened = fields.nested(name, kind="Image")
        if opened is None:
            continue
        if name == "mask":
            opened = opened.nested("image", kind="Image") or opened
            found.mask = Mask()
        part, path = _picture(opened, None if name == "image" else Use.MASK), opened.path
        found.add(part, path)
    for reference in _references(fields, found):
        found.add(reference.part, reference.path)
    _products(fields, found)
    found.prompt = " ".join(_MARK.sub("", found.prompt).split(" "))
    if len(found.pictures) > _MOST_PICTURES:
        fields.reading.blame(
            fields.path,
            f"{fields.path} holds {len(found.pictures)} pictures; at most {_MOST_PICTURES} are "
            "allowed.",
        )
    return found


def _products(fields: Fields, found: Instance) -> None:
    """Who is to wear what, or the products that are to stand elsewhere."""
    person = fields.nested("person_image", kind="PersonImage")
    if person:
        opened = person.nested("image", kind="Image") or person
        found.add(_picture(opened, None), opened.path)
    use = Use.GARMENT if person else Use.SUBJECT
    for product in fields.nested_list("product_images", kind="ProductImage"):
        opened = product.nested("image", kind="Image") or product
        caption = product.nested("product_config", kind="ProductConfig")
        said = (caption.text("product_description") or "") if caption else ""
        found.add(replace(_picture(opened, use), caption=said), opened.path)


def _references(fields: Fields, found: Instance) -> Iterator[_Reference]:
    """The reference images, the one to be edited first."""
    references = [
        reference
        for entry in fields.nested_list("reference_images", kind="ReferenceImage")
        if (reference := _reference(entry, found))
    ]
    names = dict(_named(found.prompt))
    for reference in sorted(references, key=lambda reference: reference.part.use is not None):
        part = reference.part
        if part.use is Use.SUBJECT and not part.caption and reference.number in names:
            part = replace(part, caption=names[reference.number])
        yield replace(reference, part=part)


def _named(prompt: str) -> Iterator[tuple[int | None, str]]:
    """What the prompt calls each reference: the word before its number, "a dog [1]"."""
    for mark in _MARK.finditer(prompt):
        if word := _BEFORE.search(prompt[: mark.start()]):
            yield int(mark[1]), word[1]


def _reference(entry: Fields, found: Instance) -> _Reference | None:
    said = entry.has("reference_type")
    kind = entry.enum("reference_type", schema.REFERENCES, kind="ReferenceType", numbers={})
    number = entry.integer("reference_id")
    opened = entry.nested("reference_image", kind="Image")
    mask = entry.nested("mask_image_config", kind="MaskImageConfig")
    captions = [_description(entry, name) for name in schema.REFERENCE_CONFIGS]
    if kind is None:
        if not said:
            entry.reading.blame(
                entry.at("reference_type"),
                f"{entry.path} has no referenceType. Allowed: {', '.join(schema.REFERENCES)}.",
            )
        return None
    if kind is Use.MASK:
        found.mask = _mask(mask)
        if opened is None and found.mask.auto is None:
            entry.reading.blame(
                entry.at("reference_image"),
                f"{entry.path} is a mask without a picture. Send referenceImage, or "
                "maskImageConfig.maskMode MASK_MODE_FOREGROUND, _BACKGROUND or _SEMANTIC.",
            )
    elif opened is None:
        entry.reading.blame(
            entry.at("reference_image"), f"{entry.path} has no referenceImage. Send its picture."
        )
    if opened is None:
        return None
    part = _picture(opened, kind if isinstance(kind, Use) else None)
    if part.use is not Use.MASK:
        part = replace(part, caption=next(filter(None, captions), ""))
    return _Reference(number, part, opened.path)


def _description(entry: Fields, name: str) -> str:
    """What a reference shows, in the caller's words."""
    opened = entry.nested(name, kind=name.title().replace("_", ""))
    if opened is None:
        return ""
    opened.ignore(*schema.REFERENCE_CONFIGS[name])
    kind = name.split("_", maxsplit=1)[0]
    return opened.text(f"{kind}_description") or ""


def _mask(fields: Fields | None) -> Mask:
    if fields is None:
        return Mask()
    auto = fields.enum("mask_mode", schema.MASK_MODES, kind="MaskMode", numbers={})
    dilation = share(fields, "dilation")
    return Mask(auto=auto, dilation=dilation, classes=classes(fields, "mask_classes"))


def share(fields: Fields, name: str) -> float:
    """A number from 0 to 1; 0 where it is absent."""
    value = fields.number(name) or 0.0
    if not 0 <= value <= 1:
        fields.reading.blame(
            fields.at(name), f"{fields.at(name)} is {value:g}; send a number from 0 to 1."
        )
        return 0.0
    return value


def classes(fields: Fields, name: str) -> tuple[int, ...]:
    """Numbers of segmentation classes, which some clients write as strings or floats."""
    found: list[int] = []
    for path, value in fields.items(name):
        said = f"{value:g}" if isinstance(value, float) else str(value)
        if said.isdecimal() and len(said) <= _LONGEST_CLASS:
            found.append(int(said))
        else:
            fields.reading.invalid(path, "TYPE_INT32", value, "Send the number of a class.")
    return tuple(found)


def _picture(fields: Fields, use: Use | None) -> Part:
    """``bytesBase64Encoded`` or ``gcsUri``, with its type."""
    mime_type = fields.text("mime_type")
    uri = fields.text("gcs_uri")
    sent = fields.has("bytes_base64_encoded")
    data = fields.data("bytes_base64_encoded")
    if uri and sent:
        fields.reading.blame(
            fields.path, f"{fields.path} has both bytesBase64Encoded and gcsUri. Send one of them."
        )
    if uri:
        return Part(file=FileRef(uri, mime_type or None), use=use)
    if not sent:
        fields.reading.blame(
            fields.path, f"{fields.path} is empty. Send bytesBase64Encoded or gcsUri."
        )
    return Part(blob=Blob(mime_type or "", data or b""), use=use)
