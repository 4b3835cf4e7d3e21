"""Bytes keep the form they came in, and are converted at most once."""

from dataclasses import replace

from pisang.core.content import Blob, Encoded


def test_what_came_as_base64_is_decoded_once_and_only_when_wanted() -> None:
    asked: list[bytes] = []

    def decode(text: bytes) -> bytes:
        asked.append(text)
        return b"bytes"

    blob = Blob("image/png", Encoded(b"Ynl0ZXM=", decode))
    again = replace(blob, mime_type="image/jpeg", named=True)
    assert (repr(blob), asked) == ("Blob('image/png', Encoded(8 characters))", [])
    assert blob.data == again.data == b"bytes"
    assert asked == [b"Ynl0ZXM="]


def test_a_file_is_the_same_in_any_form() -> None:
    plain, came = Blob("image/png", b"ab"), Blob("image/png", Encoded(b"YWI=", lambda _: b"ab"))
    assert plain == came == Blob("image/png", Encoded(b"YWI", lambda _: b"ab"))
    assert len({plain, came}) == 1
    assert came != Blob("image/png", b"abc")
    assert came.form != "YWI="
    assert repr(plain) == "Blob('image/png', 2 bytes)"
