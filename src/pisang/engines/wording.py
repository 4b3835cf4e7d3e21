"""A request in what ``generateContent`` has words for: other dialects say more, and in fields.

What a picture is for, and what not to show, becomes a sentence beside it, which these models read
well. A mask that was drawn is shown to the model with what it means: it is followed, but not to the
pixel. What cannot be said is refused rather than left out, since the answer would be another one.
"""

from dataclasses import replace
from typing import Final

from pisang.core.content import Blob, Content, Part, Role, Use
from pisang.core.errors import EngineRejected
from pisang.core.request import Edit, EditMode, GenerateRequest, ImageConfig, Marks, Mask
from pisang.wire.gemini.schema import DEVELOPER, Variant
from pisang.wire.gemini.signatures import BYPASS, SKETCHED

_USES: Final = {
    Use.SUBJECT: "The next picture shows a subject of the new picture{caption}:",
    Use.STYLE: "Draw in the style of the next picture{caption}:",
    Use.CONTROL: "Follow the lines of the next picture{caption}:",
    Use.GARMENT: "Dress the person in what the next picture shows{caption}:",
}
_MARKED: Final = {
    Marks.LIGHT: "its white part may be changed, and everything under its black part stays",
    Marks.HOLES: "its transparent part may be changed, and everything under the rest stays",
}
_MODES: Final = {
    EditMode.FREE: "",
    EditMode.INSERT: " Draw there what is described.",
    EditMode.REMOVE: " Take away what is there, so that its surroundings go on.",
    EditMode.EXTEND: " Let the picture go on there, beyond its old edge.",
    EditMode.BACKGROUND: " Put what is described there, behind what is kept.",
    EditMode.WEAR: " Let the person wear the garments.",
}
_MIME_TYPES: Final = frozenset({"image/png", "image/jpeg"})
_OF_VERTEX: Final = ("HARM_CATEGORY_IMAGE_", "HARM_CATEGORY_JAILBREAK")


def worded(
    request: GenerateRequest, *, thinks: bool, variant: Variant, by_google: bool = True
) -> GenerateRequest:
    """The request with nothing in it that this variant has no field for. ``thinks`` is whether the
    model wants signatures back, ``by_google`` whether it is Google that looks at them. Raises
    ``EngineRejected`` for what cannot be said."""
    if request.upscale is not None:
        raise EngineRejected("The model draws; it cannot enlarge a picture and keep its pixels.")
    if request.image.transparent:
        raise EngineRejected("The model has no transparent ground: ask for a plain one.")
    contents = tuple(_turn(each, request, variant) for each in request.contents)
    if thinks:
        contents = tuple(_signed(each, by_google) for each in contents)
    if closing := _closing(request):
        *before, last = contents
        contents = (*before, replace(last, parts=(*last.parts, Part(text=closing))))
    safety = request.safety
    if variant is DEVELOPER:
        safety = tuple(each for each in safety if not each.category.startswith(_OF_VERTEX))
    return replace(
        request,
        contents=contents,
        image=_image(request.image, variant),
        safety=safety,
        edit=None,
        negative=None,
    )


def _turn(content: Content, request: GenerateRequest, variant: Variant) -> Content:
    parts = [new for part in content.parts for new in _parts(part, request.edit)]
    if variant is DEVELOPER:
        parts = [_unnamed(part) for part in parts]
    return replace(content, parts=tuple(parts))


def _parts(part: Part, edit: Edit | None) -> list[Part]:
    plain = replace(part, use=None, caption="")
    if part.use is Use.MASK:
        return [Part(text=_of_mask(edit)), plain]
    if part.use is not None:
        caption = f", {part.caption}" if part.caption else ""
        return [Part(text=_USES[part.use].format(caption=caption)), plain]
    return [Part(text=f"{part.caption}:"), plain] if part.caption else [plain]


def _of_mask(edit: Edit | None) -> str:
    mask = edit.mask if edit and edit.mask else Mask()
    mode = _MODES[edit.mode] if edit else ""
    return (
        "The next picture is a mask of the first one, to be laid over it and not to be drawn: "
        f"{_MARKED[mask.marks]} exactly as it is.{mode}"
    )


def _closing(request: GenerateRequest) -> str:
    """What is said at the end, about the whole picture."""
    edit, said = request.edit, list[str]()
    if edit and edit.mask and edit.mask.auto:
        raise EngineRejected(
            "The model finds no mask by itself: send one, or say it in the prompt."
        )
    masked = any(part.use is Use.MASK for _, part in request.parts())
    if edit and not masked:
        said.append(_MODES[edit.mode].strip())
    if request.negative:
        said.append(f"Do not show: {request.negative}")
    return "\n".join(filter(None, said))


def _image(image: ImageConfig, variant: Variant) -> ImageConfig:
    """The codec goes along where there is a field for it; elsewhere the model's own will do."""
    has_codec = "image_output_options" in variant.image_config and image.mime_type in _MIME_TYPES
    return replace(
        image,
        mime_type=image.mime_type if has_codec else None,
        quality=image.quality if has_codec and image.mime_type == "image/jpeg" else None,
        prominent_people=(
            image.prominent_people if "prominent_people" in variant.image_config else None
        ),
    )


def _unnamed(part: Part) -> Part:
    blob = part.blob
    if blob is None or blob.display_name is None:
        return part
    return replace(part, blob=Blob(blob.mime_type, blob.data, named=blob.named))


def _signed(content: Content, by_google: bool) -> Content:
    """A turn of the model's with a signature on every part that has to have one."""
    if content.role is not Role.MODEL:
        return content
    return replace(content, parts=tuple(_with_signature(part, by_google) for part in content.parts))


def _with_signature(part: Part, by_google: bool) -> Part:
    signature = part.thought_signature
    foreign = by_google and (signature or b"").startswith(SKETCHED)
    if part.thought or (signature is not None and not foreign):
        return part
    return replace(part, thought_signature=BYPASS)
