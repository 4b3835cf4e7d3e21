"""Checks the pictures that come with a request, by their headers only: nothing is decoded here.

The type that the bytes show wins over the type that the caller claims; SDKs guess it from file
names and are often wrong. A bomb of 200 megapixels is refused by the size in its header.
"""

from pisang.catalog.models import Card
from pisang.core.content import Blob, Role
from pisang.core.errors import UnsupportedParameter
from pisang.core.image import Header, is_complete, sniff
from pisang.core.request import GenerateRequest

READABLE = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
"""Media types of input pictures that Google's image models take, and so do we."""

_LIST = "PNG, JPEG, WebP, HEIC or HEIF"


def check(request: GenerateRequest, card: Card, *, max_megapixels: float) -> None:
    """Raises UnsupportedParameter for the first picture that cannot be used, or for too many."""
    check_each(request, max_megapixels=max_megapixels)
    check_count(request, card)


def check_each(request: GenerateRequest, *, max_megapixels: float) -> None:
    """Raises UnsupportedParameter for the first picture that no model can use."""
    for path, part in request.parts():
        if part.file is not None:
            raise UnsupportedParameter(
                f"{path}.file_data names {_short(part.file.uri)!r}, but files cannot be fetched "
                "here. Send the picture's bytes as inlineData with mimeType and data instead.",
                field=f"{path}.file_data",
            )
        if part.blob is not None:
            _check_picture(part.blob, _field(path, part.blob), max_megapixels=max_megapixels)


def last_header(request: GenerateRequest) -> Header | None:
    """The header of the last picture in the conversation, whoever sent it; None if there is none
    or its size is hidden. This is the picture that an edit is about, so its shape is kept."""
    parts = [part for content in request.contents for part in content.parts]
    blobs = [part.blob for part in parts if part.blob is not None]
    header = sniff(blobs[-1].data) if blobs else None
    return header if header and header.width and header.height else None


def first_picture(request: GenerateRequest) -> tuple[str, Header | None]:
    """The picture that an ``edit`` or ``upscale`` is about, the first without a use of its own in
    the last user turn: its field, and its header, None where there is none or it hides its size."""
    turns = [at for at, content in enumerate(request.contents) if content.role is Role.USER]
    for turn in turns[-1:]:
        for index, part in enumerate(request.contents[turn].parts):
            if part.blob is not None and part.use is None:
                header = sniff(part.blob.data)
                known = header if header and header.width and header.height else None
                return _field(f"contents[{turn}].parts[{index}]", part.blob), known
    return "contents", None


def _field(path: str, blob: Blob) -> str:
    """Where the caller wrote the picture: its bytes, or its address."""
    return f"{path}.file_data" if blob.named else f"{path}.inline_data"


def _check_picture(blob: Blob, field: str, *, max_megapixels: float) -> None:
    claimed = blob.mime_type.partition(";")[0].strip().lower()
    header = sniff(blob.data)
    if header is None and claimed not in READABLE and claimed:
        raise UnsupportedParameter(
            f"{field}.mime_type {_short(claimed)!r} is not supported. Send {_LIST}.",
            field=f"{field}.mime_type",
        )
    problem = _problem(blob, header, max_megapixels=max_megapixels)
    if problem:
        raise UnsupportedParameter(f"Unable to process input image: {field} {problem}", field=field)


def _problem(blob: Blob, header: Header | None, *, max_megapixels: float) -> str | None:
    """What is wrong with the picture, and the remedy; None when it can be used."""
    if not blob.data:
        return "is empty: its data has 0 bytes. Send the file's bytes in base64."
    if header is None:
        return f"is not a picture: its {len(blob.data)} bytes are not {_LIST}."
    if header.media_type not in READABLE:
        return f"is {header.media_type}, which is not supported. Convert it to {_LIST}."
    if not is_complete(blob.data, header):
        return f"is cut off: only {len(blob.data)} bytes came. Send the whole file again."
    if not (header.width and header.height) and not header.media_type.startswith("image/hei"):
        return "is damaged: its header gives no width or height. Save it again and send that."
    if header.megapixels > max_megapixels:
        return (
            f"is {header.width}x{header.height} pixels ({header.megapixels:.1f} megapixels); "
            f"at most {max_megapixels:g} megapixels are allowed. Scale it down."
        )
    return None


def check_count(request: GenerateRequest, card: Card) -> None:
    """Raises UnsupportedParameter for more pictures than the model takes.

    Only pictures in user turns count: those in model turns are what was made before, and a long
    chat would else run into the limit by itself.
    """
    if card.max_references is None:
        return
    count = 0
    for content in request.contents:
        if content.role is Role.USER:
            count += sum(part.blob is not None for part in content.parts)
    if count > card.max_references:
        raise UnsupportedParameter(
            f"contents hold {count} input images, but '{card.id}' takes at most "
            f"{card.max_references} (images in all user turns are counted). Send fewer images.",
            field="contents",
        )


def _short(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[:length] + "..."
