"""The pictures that a caller sends to be edited, and the mask: files of a form, or named in JSON.

Whether a picture can be used is admission's to judge. A mask is judged here, because its rules are
this dialect's: transparent is what may change.
"""

from typing import Final

from pisang.catalog.models import Card
from pisang.core.content import Blob, FileRef, Part, Use
from pisang.core.image import MediaType, sniff
from pisang.core.request import GenerateRequest
from pisang.wire.openai.schema import (
    FormFile,
    Parameters,
    WrongParameter,
    missing,
    read_object,
    read_picture,
    read_text,
)

MOST_SENT: Final = 16
"""Pictures in one edit, as OpenAI has it; most models' cards allow fewer."""


def read_pictures(fields: Parameters, card: Card) -> list[Part]:
    """What is to be edited: files of a form, or addresses and ids in JSON."""
    if fields.form:
        found = [_file(file, name) for name, file in fields.files("image", "image[]")]
    else:
        found = [_named(item, path) for path, item in fields.items("images")]
        found += [_named(item, path) for path, item in _alone_or_listed(fields, "image")]
    if not found:
        raise missing(fields.at("image" if fields.form else "images"))
    most = MOST_SENT if card.max_references is None else min(MOST_SENT, card.max_references)
    most -= fields.has("mask")  # the model is shown that too
    if len(found) > most:
        raise WrongParameter(
            f"Invalid 'image': '{card.id}' takes at most {most} pictures here, but got "
            f"{len(found)}. Send fewer.",
            param="image",
            code="array_above_max_length",
        )
    return found


def _alone_or_listed(fields: Parameters, name: str) -> list[tuple[str, object]]:
    value = fields.take(name)
    if isinstance(value, list):
        return [(f"{fields.at(name)}[{index}]", item) for index, item in enumerate(value)]
    return [] if value is None else [(fields.at(name), value)]


def _file(file: FormFile, param: str) -> Part:
    if not file.data:
        raise WrongParameter(
            f"Invalid '{param}': the file is empty.", param=param, code="invalid_image_file"
        )
    header = sniff(file.data)
    return Part(blob=Blob(header.media_type if header else file.mime_type, file.data))


def _named(value: object, path: str) -> Part:
    """``{image_url}``, ``{file_id}``, or a bare address or data URL."""
    if isinstance(value, str):
        return read_picture(value, path)
    item = read_object(value, path)
    address = item.take("image_url")
    if isinstance(address, dict):
        address = read_object(address, item.at("image_url")).needed_text("url")
    if (url := read_text(address, item.at("image_url"))) is not None:
        return read_picture(url, item.at("image_url"))
    if (file_id := item.text("file_id")) is not None:
        return Part(file=FileRef(file_id))
    raise missing(item.at("image_url"))


def read_mask(fields: Parameters) -> Part | None:
    """The mask; ``check`` judges it once its file is at hand."""
    if fields.form:
        files = [_file(file, name) for name, file in fields.files("mask")]
    else:
        files = [_named(item, path) for path, item in _alone_or_listed(fields, "mask")]
    if not files:
        return None
    if len(files) > 1:
        raise WrongParameter("Invalid 'mask': send one mask.", param="mask")
    (mask,) = files
    return Part(blob=mask.blob, file=mask.file, use=Use.MASK)


def check(request: GenerateRequest) -> None:
    """Raises ``WrongParameter`` for a mask without holes, or of another size than the picture.

    Call it when the files that the request names are there.
    """
    blobs = [(part.use, part.blob) for _, part in request.parts() if part.blob]
    picture = next((blob for use, blob in blobs if use is None), None)
    for use, blob in blobs:
        if use is Use.MASK:
            check_mask(blob, picture)


def check_mask(mask: Blob, picture: Blob | None) -> None:
    """Raises ``WrongParameter`` for a mask without holes, or of another size than the picture."""
    header = sniff(mask.data)
    if header is None or header.media_type not in (MediaType.PNG, MediaType.WEBP):
        raise WrongParameter(
            "Invalid 'mask': the mask is a PNG file whose transparent part may be changed.",
            param="mask",
            code="invalid_image_format",
        )
    if header.media_type == MediaType.PNG and not _has_alpha(mask.data):
        raise WrongParameter(
            "Invalid mask image format - mask image missing alpha channel. Make the part that may "
            "be changed transparent.",
            param="mask",
            code="invalid_image_format",
        )
    whole = sniff(picture.data) if picture else None
    if whole and whole.width and (header.width, header.height) != (whole.width, whole.height):
        raise WrongParameter(
            "Invalid input image - mask size does not match image size: the mask is "
            f"{header.width}x{header.height}, the (first) picture {whole.width}x{whole.height}.",
            param="mask",
            code="invalid_image_size",
        )


def _has_alpha(png: bytes) -> bool:
    """Whether a PNG can have holes: by its colour type, or by a colour that counts as one."""
    return png[25:26] in (b"\x04", b"\x06") or b"tRNS" in png[:4096]
