"""The File resource as Google writes it, and what is read of a caller's metadata."""

import json
from datetime import datetime

import pytest

from pisang.core.errors import MalformedRequest
from pisang.core.files import File, Source
from pisang.wire.gemini import files

ORIGIN = "https://generativelanguage.googleapis.com"
# An answer of Google's of 2026-08-19 to the upload of a PDF.
GOOGLES = {
    "name": "files/k4t1ywl66fz2",
    "displayName": "sample.pdf",
    "mimeType": "application/pdf",
    "sizeBytes": "18810",
    "createTime": "2026-08-19T14:34:14.094797Z",
    "updateTime": "2026-08-19T14:34:14.094797Z",
    "expirationTime": "2026-08-21T14:34:13.503405Z",
    "sha256Hash": "MjI5ZGVmYmIwY2VlNmYwMjY3M2E1Y2RlMjkwZDA2NzNlNzVhMGRjMzFjZWM0Mzk4OWM4YWIyYTRl"
    "Y2E3ZTFiYg==",
    "uri": "https://generativelanguage.googleapis.com/v1beta/files/k4t1ywl66fz2",
    "state": "ACTIVE",
    "source": "UPLOADED",
}


def test_a_file_is_written_as_google_writes_it() -> None:
    file = File(
        name="k4t1ywl66fz2",
        display_name="sample.pdf",
        mime_type="application/pdf",
        size=18810,
        sha256=bytes.fromhex("229defbb0cee6f02673a5cde290d0673e75a0dc31cec43989c8ab2a4eca7e1bb"),
        source=Source.UPLOADED,
        purpose=None,
        created_at=datetime(2026, 8, 19, 14, 34, 14, 94797),
        expires_at=datetime(2026, 8, 21, 14, 34, 13, 503405),
    )
    told = json.loads(files.encode_created(file, origin=ORIGIN))
    assert told == {"file": GOOGLES}
    assert list(told["file"]) == list(GOOGLES)


@pytest.mark.parametrize(
    "body",
    [
        b'{"file": {"displayName": "x", "mimeType": "image/png", "sizeBytes": "70"}}',
        b'{"file": {"display_name": "x", "mime_type": "image/png", "size_bytes": 70}}',
        b"{'file': {'display_name': 'x', 'mimeType': 'image/png', 'sizeBytes': 70}}",
        json.dumps({"file": GOOGLES | {"name": None, "displayName": "x", "sizeBytes": 70.0}})
        .replace("application/pdf", "image/png")
        .encode(),
    ],
)
def test_metadata_is_read_in_every_spelling(body: bytes) -> None:
    assert files.decode(body) == files.Metadata(None, "x", "image/png", 70)


def test_nothing_said_is_nothing() -> None:
    for body in (b"", b"  ", b"{}", b'{"file": {}}', b'{"file": null}'):
        assert files.decode(body) == files.Metadata()


@pytest.mark.parametrize("name", ["a", "abc-123", "0" * 40, "files/abc-123"])
def test_names_are_read_with_and_without_their_collection(name: str) -> None:
    body = json.dumps({"file": {"name": name}}).encode()
    assert files.decode(body).name == name.removeprefix("files/")


def test_a_page_goes_on_where_its_token_says() -> None:
    mark = (datetime(2026, 8, 19, 14, 34, 14, 94797), "abc")
    page = json.loads(files.encode_page([], origin=ORIGIN, following=mark))
    assert files.page_mark(page["nextPageToken"]) == mark
    assert files.page_mark(None) is None
    for wrong in ("x", "AAAA", "MjAyNi0wOC0xOQ==", "MjAyNi0wOC0xOVQwMDowMDowMCswMTowMCBhYmM="):
        with pytest.raises(MalformedRequest, match="page token"):
            files.page_mark(wrong)
