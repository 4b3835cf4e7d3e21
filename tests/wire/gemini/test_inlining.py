"""Files that only we have, put into a body that otherwise stays as it came."""

import json

from pisang.core.content import Blob
from pisang.wire.cut import cut
from pisang.wire.gemini.inlining import inlined

_PICTURE = "A" * 5000


def test_a_named_file_becomes_bytes_and_nothing_else_changes() -> None:
    body = (
        b'{"contents": [ {"role":"user", "parts":[{"text": "caf\\u00e9 1.0"}, '
        b'{"inline_data": {"data": "%s", "mime_type": "image/png"}}, '
        b'{"fileData": {"fileUri": "files/abc"}, "mediaResolution": {"level": 1e2}}]}], "x": 1.00}'
    ) % _PICTURE.encode()
    changed = inlined(cut(body), {"contents[0].parts[2].file_data": Blob("image/png", b"abc")})
    assert changed == body.replace(
        b'"fileData": {"fileUri": "files/abc"}',
        b'"inlineData":{"mimeType":"image/png","data":"YWJj"}',
    )


def test_both_spellings_and_several_turns_are_found() -> None:
    body = json.dumps(
        {
            "contents": [
                {"parts": [{"file_data": {"file_uri": "files/a"}}]},
                {"parts": [{"text": "x"}, {"fileData": {"fileUri": "files/b"}}]},
            ]
        }
    ).encode()
    files = {
        "contents[0].parts[0].file_data": Blob("image/png", b"a"),
        "contents[1].parts[1].file_data": Blob("image/jpeg", b"b"),
    }
    read = json.loads(inlined(cut(body), files))
    assert read["contents"][0]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": "YQ=="}}
    ]
    assert read["contents"][1]["parts"][1]["inlineData"]["data"] == "Yg=="


def test_a_path_that_is_not_there_changes_nothing() -> None:
    body = b'{"contents": [{"parts": [{"text": "x"}]}]}'
    for path in ("contents[0].parts[0].file_data", "contents[3].parts[0].file_data", "x"):
        assert inlined(cut(body), {path: Blob("image/png", b"a")}) == body
    assert inlined(cut(b"{broken"), {"contents[0].parts[0].file_data": Blob("", b"")}) == b"{broken"
