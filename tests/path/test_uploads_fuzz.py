"""Uploads with headers and bytes that no client would send: no answer is ever a defect."""

import asyncio
from pathlib import Path

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pisang.testing import Server
from pisang.testing import server as serving
from tests.path.asgi import post
from tests.path.uploading import UPLOAD, address_of, start

HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "x-goog-upload-protocol",
            "x-goog-upload-command",
            "x-goog-upload-offset",
            "x-goog-upload-header-content-length",
            "x-goog-upload-header-content-type",
            "x-goog-upload-file-name",
            "content-type",
            "content-encoding",
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                "resumable",
                "raw",
                "multipart",
                "start",
                "upload",
                "upload, finalize",
                "finalize",
                "query",
                "cancel",
                "0",
                "1",
                "99999999999999999999",
                "-1",
                "image/png",
                "multipart/related; boundary=x",
                "multipart/form-data; boundary=x",
                "multipart/form-data",
                "gzip",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    ),
)


BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"", b"{}", b'{"file":{}}', b'{"file":{"name":"a"}}', b"--x\r\n\r\n{}\r\n--x--"]
    ),
)


def test_no_headers_and_no_bytes_are_a_defect(tmp_path: Path) -> None:
    """Whatever is sent is answered in the dialect, and never by a defect."""
    with asyncio.Runner() as runner:
        inside = serving(tmp_path / "data")
        running = runner.run(inside.__aenter__())

        @given(headers=HEADERS, body=BODIES, further=HEADERS)
        @hypothesis_settings(max_examples=200, deadline=None)
        def play(headers: dict[str, str], body: bytes, further: dict[str, str]) -> None:
            runner.run(fuzzed(running, headers, body, further))

        try:
            play()
        finally:
            runner.run(inside.__aexit__(None, None, None))


async def fuzzed(
    server: Server, headers: dict[str, str], body: bytes, further: dict[str, str]
) -> None:
    started = await start(server, size=3)
    for address, sent in (
        (UPLOAD, headers),
        (address_of(started), further),
        ("/v1/files", headers),
        ("/v1/openai/files", further),
    ):
        reply = await post(server, address, body, headers=sent)
        assert reply.status < 500, reply.body
        if reply.status >= 400:
            assert reply.json["error"]["message"]
        if address.startswith("/upload"):
            assert reply.headers["x-goog-upload-status"] in {"active", "final", "cancelled"}
