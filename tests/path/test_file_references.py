"""Files that a request names: uploaded ones, buckets, and addresses that are not fetched."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from pisang.admission.references import CallerFiles
from pisang.core.caller import Caller
from pisang.core.content import Blob, FileRef
from pisang.core.errors import SettingsError
from pisang.testing import Server
from pisang.testing import server as serving
from tests.fetch.sites import plain, saying, site
from tests.path.asgi import call, post
from tests.path.uploading import PNG, generated, second_key, uploaded


async def test_an_uploaded_picture_can_be_named_in_a_request(pisang: Server) -> None:
    file = await uploaded(pisang)
    assert (await generated(pisang, file["uri"])).status == 200
    part = pisang.engine.asked[0].contents[0].parts[1]
    assert part.file is None
    assert part.blob is not None
    assert (part.blob.mime_type, part.blob.data) == ("image/png", PNG)
    counted = await generated(pisang, file["uri"], verb="countTokens")
    modalities = {row["modality"] for row in counted.json["promptTokensDetails"]}
    assert "IMAGE" in modalities
    refused = await generated(pisang, file["uri"], key=await second_key(pisang))
    assert refused.status == 403
    assert "do not have permission" in refused.error["message"]


async def test_a_named_file_that_is_no_picture_is_blamed_where_it_was_named(pisang: Server) -> None:
    file = await uploaded(pisang, b"hello")
    for verb in ("generateContent", "countTokens"):
        refused = await generated(pisang, file["uri"], verb=verb)
        assert refused.status == 400
        violations = [v for d in refused.error["details"] for v in d.get("fieldViolations", ())]
        assert violations[0]["field"].startswith("contents[0].parts[1].file_data")


async def test_a_bucket_is_a_folder_of_the_operator(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.png").write_bytes(PNG)
    buckets = {"photos": str(tmp_path / "photos")}
    async with serving(tmp_path / "data", buckets=buckets) as running:
        assert (await generated(running, "gs://photos/cat.png")).status == 200
        missing = await generated(running, "gs://photos/dog.png")
        assert missing.status == 400
        assert "no such object" in missing.error["message"]
        unknown = await generated(running, "gs://others/cat.png")
        assert "setting buckets" in unknown.error["message"]
        assert str(tmp_path) not in unknown.body.decode()


async def test_private_addresses_are_not_fetched_and_the_field_is_named(pisang: Server) -> None:
    for verb in ("generateContent", "countTokens"):
        refused = await generated(pisang, "https://127.0.0.1/cat.png", verb=verb)
        assert refused.status == 400
        violations = [v for d in refused.error["details"] for v in d.get("fieldViolations", ())]
        assert violations[0]["field"] == "contents[0].parts[1].file_data"
    assert pisang.engine.asked == []


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"fetch_allow": "http://x"}, "fetch_allow"),
        ({"buckets": {"photos": "/no/such"}}, "buckets"),
    ],
)
async def test_settings_that_cannot_work_are_told_at_the_start(
    tmp_path: Path, settings: dict[str, object], name: str
) -> None:
    with pytest.raises(SettingsError, match=name):
        async with serving(tmp_path / "data", **settings):
            pass


async def test_objects_of_a_bucket_can_be_registered(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.bin").write_bytes(PNG)
    (tmp_path / "photos/note.txt").write_bytes(b"hello")
    buckets = {"photos": str(tmp_path / "photos")}
    async with serving(tmp_path / "data", buckets=buckets) as running:
        body = {"uris": ["gs://photos/cat.bin", "gs://photos/note.txt"]}
        made = (await post(running, "/v1beta/files:register", body)).json["files"]
        assert [file["mimeType"] for file in made] == ["image/png", "text/plain"]
        assert {file["source"] for file in made} == {"REGISTERED"}
        assert (await generated(running, made[0]["uri"])).status == 200
        for wrong, field in (
            ({"uris": ["gs://photos/cat.bin", "gs://photos/dog"]}, "uris[1]"),
            ({"uris": ["https://a.test/x"]}, "uris[0]"),
            ({"uris": []}, "uris"),
            ({"uris": ["gs://photos/x"] * 101}, "uris"),
            ({"uris": [1]}, "uris[0]"),
            ({"uri": "gs://photos/cat.bin"}, "uris"),
        ):
            refused = await post(running, "/v1beta/files:register", wrong)
            assert refused.status == 400
            violations = [v for d in refused.error["details"] for v in d.get("fieldViolations", ())]
            assert violations[0]["field"] == field


MODEL = "gemini-3.1-flash-image"
URI = "https://server.example/cat.png"
EVERYWHERE = {
    "gemini": (
        f"/v1/models/{MODEL}:generateContent",
        lambda uri: {"contents": [{"parts": [{"text": "x"}, {"file_data": {"file_uri": uri}}]}]},
    ),
    "stream": (
        f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse",
        lambda uri: {"contents": [{"parts": [{"text": "x"}, {"fileData": {"fileUri": uri}}]}]},
    ),
    "vertex": (
        "/v1beta1/projects/default/locations/global/publishers/google/models/"
        f"{MODEL}:generateContent",
        lambda uri: {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"text": "x"},
                        {"fileData": {"fileUri": uri, "mimeType": "image/png"}},
                    ],
                }
            ]
        },
    ),
    "imagen": (
        "/v1beta/models/imagen-3.0-capability-001:predict",
        lambda uri: {
            "instances": [
                {
                    "prompt": "x",
                    "referenceImages": [
                        {
                            "referenceType": "REFERENCE_TYPE_RAW",
                            "referenceId": 1,
                            "referenceImage": {"gcsUri": uri, "mimeType": "image/png"},
                        }
                    ],
                }
            ],
            "parameters": {"sampleCount": 1},
        },
    ),
    "interactions": (
        "/v1beta/interactions",
        lambda uri: {
            "model": MODEL,
            "input": [{"type": "text", "text": "x"}, {"type": "image", "uri": uri}],
        },
    ),
    "chat": (
        "/v1/chat/completions",
        lambda uri: {
            "model": MODEL,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "x"},
                        {"type": "image_url", "image_url": {"url": uri}},
                    ],
                }
            ],
        },
    ),
    "responses": (
        "/v1/responses",
        lambda uri: {
            "model": MODEL,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "x"},
                        {"type": "input_image", "file_id": uri, "detail": "auto"},
                    ],
                }
            ],
        },
    ),
    "edits": (
        "/v1/images/edits",
        lambda uri: {"model": MODEL, "prompt": "x", "images": [{"file_id": uri}]},
    ),
}


@pytest.mark.parametrize("surface", EVERYWHERE)
async def test_a_file_can_be_named_on_every_surface(tmp_path: Path, surface: str) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.png").write_bytes(PNG)
    buckets = {"photos": str(tmp_path / "photos")}
    async with serving(tmp_path / "data", buckets=buckets) as running:
        name = (await uploaded(running))["name"].removeprefix("files/")
        uris = {
            "imagen": "gs://photos/cat.png",
            "chat": f"https://server.example/v1beta/files/{name}",
            "responses": f"file-{name}",
            "edits": f"file-{name}",
        }
        address, body = EVERYWHERE[surface]
        uri = uris.get(surface, f"https://server.example/v1beta/files/{name}")
        reply = await post(running, address, body(uri))
        assert reply.status == 200, reply.body
        sent = [part.blob.data for _, part in running.engine.asked[0].parts() if part.blob]
        assert sent == [PNG]
        stranger = await second_key(running)
        if surface not in ("imagen", "vertex"):  # a bucket is everybody's; a project, its own
            refused = await post(running, address, body(uri), key=stranger)
            assert refused.status in (403, 404), refused.body


@pytest.mark.parametrize("surface", [*EVERYWHERE, "countTokens", "computeTokens"])
async def test_who_leaves_stops_the_fetching_too(
    pisang: Server, monkeypatch: pytest.MonkeyPatch, surface: str
) -> None:
    begun, stopped, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def load(*_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    monkeypatch.setattr(CallerFiles, "load", load)
    address, body = EVERYWHERE.get(surface, EVERYWHERE["vertex"])
    if surface not in EVERYWHERE:
        address = address.replace("generateContent", surface)
    data = json.dumps(body("file-abc" if surface in ("responses", "edits") else URI)).encode()
    sent = {"x-goog-api-key": pisang.key, "content-length": str(len(data))}
    sent["content-type"] = "application/json"
    asking = asyncio.create_task(
        call(pisang.app.asgi, "POST", address, headers=sent, chunks=[data], hang_up=gone)
    )
    await asyncio.wait_for(begun.wait(), 10)
    gone.set()
    await asyncio.wait_for(stopped.wait(), 10)
    await asyncio.gather(asking, return_exceptions=True)
    assert pisang.engine.asked == []


async def test_fetching_takes_of_the_deadline(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def load(_: object, __: Caller, files: Mapping[str, FileRef]) -> Mapping[str, Blob]:
        await asyncio.sleep(0.1)
        return {field: Blob("image/png", PNG) for field in files}

    monkeypatch.setattr(CallerFiles, "load", load)
    address, body = EVERYWHERE["interactions"]
    reply = await post(pisang, address, body(URI), headers={"x-server-timeout": "5"})
    assert reply.status == 200
    left = pisang.engine.asked[0].deadline
    assert left
    assert 0 < left < 4.95


async def test_the_operator_allows_a_host_of_the_own_network(tmp_path: Path) -> None:
    seen: list[str] = []
    async with site(saying(plain(PNG, "content-type: text/plain"), seen)) as port:
        allowed = {"fetch_allow": f"127.0.0.1:{port}"}
        async with serving(tmp_path / "data", **allowed) as running:
            address = f"http://127.0.0.1:{port}/cat.png"
            assert (await generated(running, address)).status == 200
            part = running.engine.asked[0].contents[0].parts[1]
            assert part.blob is not None
            assert (part.blob.mime_type, part.blob.data) == ("image/png", PNG)
            assert "x-goog-api-key" not in seen[0]
            other = await generated(running, f"http://localhost:{port}/cat.png")
            assert other.status == 400
    assert len(seen) == 1


async def test_what_is_no_picture_is_refused_whatever_its_server_says(tmp_path: Path) -> None:
    async with (
        site(saying(plain(b"<html>", "content-type: image/png"))) as port,
        serving(tmp_path / "data", fetch_allow=f"127.0.0.1:{port}") as running,
    ):
        refused = await generated(running, f"http://127.0.0.1:{port}/")
        assert refused.status == 400
        assert "<html>" not in refused.body.decode()
