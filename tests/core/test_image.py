import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pisang.core.image import Header, is_complete, sniff

HEADS = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"RIFF\x10\0\0\0WEBPVP8 ",
    b"RIFF\x10\0\0\0WEBPVP8L",
    b"RIFF\x10\0\0\0WEBPVP8X",
    b"GIF89a",
    b"\0\0\0\x18ftypheic",
    b"\0\0\0\x18ftypavif",
]


def saved(
    kind: str, *, size: tuple[int, int] = (97, 41), mode: str = "RGB", **options: object
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 40).save(buffer, kind, **options)
    return buffer.getvalue()


FILES = {
    "png": (saved("PNG"), "image/png"),
    "png with alpha": (saved("PNG", mode="RGBA"), "image/png"),
    "jpeg": (saved("JPEG"), "image/jpeg"),
    "progressive jpeg": (saved("JPEG", progressive=True), "image/jpeg"),
    "jpeg with icc and comment": (
        saved("JPEG", icc_profile=b"p" * 70_000, comment=b"hello"),
        "image/jpeg",
    ),
    "webp": (saved("WEBP"), "image/webp"),
    "lossless webp": (saved("WEBP", lossless=True), "image/webp"),
    "webp with alpha": (saved("WEBP", mode="RGBA", exif=b"Exif\0\0"), "image/webp"),
    "gif": (saved("GIF", mode="L"), "image/gif"),
}


@pytest.mark.parametrize("name", FILES)
def test_type_and_size_are_read_from_the_header(name: str) -> None:
    data, media_type = FILES[name]
    header = sniff(data)
    assert header == Header(media_type, 97, 41)
    assert header.megapixels == pytest.approx(0.003977)
    assert is_complete(data, header)


@pytest.mark.parametrize("name", [name for name in FILES if name != "gif"])
def test_a_cut_file_is_not_complete(name: str) -> None:
    data = FILES[name][0]
    header = sniff(data)
    assert header is not None
    assert not is_complete(data[: len(data) - 20], header)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (16383, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_extreme_sizes(kind: str, size: tuple[int, int]) -> None:
    header = sniff(saved(kind, size=size))
    assert header is not None
    assert (header.width, header.height) == size


def test_the_size_of_a_heic_is_read_where_it_is_given() -> None:
    ispe = b"\0\0\0\x14ispe\0\0\0\0" + (4032).to_bytes(4, "big") + (3024).to_bytes(4, "big")
    data = b"\0\0\0\x18ftypheic" + bytes(60) + ispe
    assert sniff(data) == Header("image/heic", 4032, 3024)
    assert sniff(b"\0\0\0\x18ftypmif1" + bytes(60)) == Header("image/heic", 0, 0)


def test_metadata_after_the_end_of_a_jpeg_does_not_make_it_incomplete() -> None:
    data, _ = FILES["jpeg"]
    header = sniff(data)
    assert header is not None
    assert is_complete(data + b"motion photo" * 100, header)


@pytest.mark.parametrize(
    "data", [b"", b"GIF", b"<svg/>", b"%PDF-1.7", b"\0\0\0\x18ftypisom", b"RIFF\0\0\0\0WAVEfmt "]
)
def test_other_files_are_no_image(data: bytes) -> None:
    assert sniff(data) is None


@given(st.sampled_from(HEADS), st.binary(max_size=200))
def test_no_bytes_break_it(head: bytes, tail: bytes) -> None:
    header = sniff(head + tail)
    if header is not None:
        assert header.width >= 0
        assert header.height >= 0
        is_complete(head + tail, header)


@pytest.mark.parametrize("filler", [b"\xff" * 2, b"\xff\xd0", b"\xff\xe0\0\0"])
def test_a_jpeg_of_endless_markers_is_given_up_quickly(filler: bytes) -> None:
    began = time.thread_time()
    assert sniff(b"\xff\xd8\xff" + filler * 4_000_000) is None
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize(
    ("turn", "size"), [(1, (97, 41)), (3, (97, 41)), (6, (41, 97)), (8, (41, 97))]
)
def test_a_photo_has_the_size_that_people_see(order: str, turn: int, size: tuple[int, int]) -> None:
    """The Exif block says how the camera was held, in either byte order."""
    exif = Image.Exif()
    exif.endian = ">" if order == "big" else "<"
    exif[0x010E] = "a word before"
    exif[0x0112] = turn
    header = sniff(saved("JPEG", exif=exif))
    assert header is not None
    assert (header.width, header.height) == size


@given(st.binary(max_size=60), st.integers(0, 5))
def test_a_broken_exif_block_hides_no_size(block: bytes, more: int) -> None:
    body = b"Exif\0\0" + block
    marker = b"\xff\xe1" + (len(body) + 2 + more).to_bytes(2, "big") + body + bytes(more)
    data = saved("JPEG")
    header = sniff(data[:2] + marker + data[2:])
    assert header is not None
    assert {header.width, header.height} == {97, 41}
