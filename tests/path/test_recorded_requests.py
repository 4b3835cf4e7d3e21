"""Every request that real client libraries were recorded sending is answered as they need it."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from pisang.core.content import Blob
from pisang.core.events import Event, Finished, FinishReason, Image, Text
from pisang.core.image import sniff
from pisang.wire.base64 import decode_base64
from pisang.wire.gemini import response
from pisang.wire.sse import EventReader
from tests.live import PISANG, signed_up, started
from tests.path import recorded
from tests.path.recorded import PNG, PREFIX, PROJECT, Case, Credentials, Reply

Check = Callable[[Reply], None]


def is_error(status: int, words: str) -> Check:
    """An answer in Google's or OpenAI's envelope that says ``words``."""

    def check(reply: Reply) -> None:
        assert reply.status == status, (reply.case, reply.body[:300])
        assert words in reply.json["error"]["message"], (reply.case, reply.body[:300])

    return check


def picture(reply: Reply) -> None:
    """generateContent, whole or streamed, on any of Google's surfaces."""
    events = list(_events(reply))
    (finished,) = (event for event in events if isinstance(event, Finished))
    assert finished.reason is FinishReason.STOP, (reply.case, finished)
    (image,) = (event for event in events if isinstance(event, Image))
    assert isinstance(image.content, Blob)
    header = sniff(image.content.data)
    assert header is not None, reply.case
    asked = reply.sent["body"].get("generationConfig", {})
    if "16:9" in json.dumps(asked):
        assert round(header.width / header.height, 1) == 1.8, reply.case
    options = (asked.get("imageConfig") or {}).get("imageOutputOptions", {})
    assert image.content.mime_type == options.get("mimeType", image.content.mime_type), reply.case
    modalities = {str(name).upper() for name in asked.get("responseModalities", ("TEXT",))}
    wants_text = bool(modalities & {"TEXT", "1"})
    assert any(isinstance(event, Text) for event in events) == wants_text, reply.case


def _events(reply: Reply) -> Iterator[Event]:
    if ":stream" not in reply.path:
        result = response.decode(reply.body)
        return iter([*result.parts, result.finished])
    if ["alt", "sse"] in reply.sent["query"]:
        chunks = [event.data for event in EventReader().feed(reply.body)]
    else:
        chunks = [json.dumps(chunk).encode() for chunk in reply.json]
    return iter([event for chunk in chunks for event in response.decode_chunk(chunk)])


def predictions(reply: Reply) -> None:
    found = reply.json["predictions"]
    parameters = reply.sent["body"].get("parameters", {})
    pictures = [one for one in found if "bytesBase64Encoded" in one]
    kept = [one for one in found if "gcsUri" in one]
    assert len(pictures) + len(kept) == int(parameters.get("sampleCount") or 1), reply.case
    for one in pictures:
        header = sniff(decode_base64(one["bytesBase64Encoded"]))
        assert header is not None
        assert header.media_type == one["mimeType"], reply.case


def tokens(reply: Reply) -> None:
    assert reply.json["totalTokens"] > 0, reply.case


def token_ids(reply: Reply) -> None:
    (info,) = reply.json["tokensInfo"]
    assert len(info["tokens"]) == len(info["tokenIds"]) > 0


def models(reply: Reply) -> None:
    found = reply.json["models"]
    asked = int(dict(reply.sent["query"]).get("pageSize", 50))
    assert 0 < len(found) <= asked, reply.case
    assert all(model["name"].startswith("models/") for model in found), reply.case


def publisher_models(reply: Reply) -> None:
    names = [model["name"] for model in reply.json["publisherModels"]]
    assert "publishers/google/models/gemini-3.1-flash-image" in names, reply.case


def named(reply: Reply) -> None:
    """One resource, under the name by which it was asked for."""
    asked = re.sub(r"^/v1(beta1?)?/|%40default", "", reply.path)
    assert reply.json.get("name", "") in (asked, f"models/{reply.json.get('id')}"), reply.case


def empty(reply: Reply) -> None:
    assert reply.json == {}, reply.case


def upload_begun(reply: Reply) -> None:
    assert reply.headers["x-goog-upload-status"] == "active"
    assert "upload_id=" in reply.headers["x-goog-upload-url"]


def uploaded(reply: Reply) -> None:
    assert reply.headers["x-goog-upload-status"] == "final"
    file = reply.json["file"]
    assert (file["state"], file["sizeBytes"], file["mimeType"]) == ("ACTIVE", "70", "image/png")


def file(reply: Reply) -> None:
    assert reply.json["state"] == "ACTIVE"


def files(reply: Reply) -> None:
    assert [one["state"] for one in reply.json["files"]] == ["ACTIVE"]


def interaction(reply: Reply) -> None:
    assert reply.json["status"] == "completed", reply.case
    assert '"image"' in reply.body.decode()


def openai_images(reply: Reply) -> None:
    body = reply.sent.get("body") or {}
    if body.get("stream"):
        names = [event.name for event in EventReader().feed(reply.body)]
        assert names[-1] == "image_generation.completed", names
        return
    assert len(reply.json["data"]) == body.get("n", 1), reply.case
    form = "url" if body.get("response_format") == "url" else "b64_json"
    assert all(one[form] for one in reply.json["data"]), reply.case


def openai_chat(reply: Reply) -> None:
    if reply.sent["body"].get("stream"):
        events = [event.data for event in EventReader().feed(reply.body)]
        assert events[-1] == b"[DONE]"
        assert any(b'"images"' in event for event in events)
        return
    (choice,) = reply.json["choices"]
    assert choice["finish_reason"] == "stop", reply.case
    (image,) = choice["message"]["images"]
    assert image["image_url"]["url"].startswith("data:image/")


def openai_response(reply: Reply) -> None:
    assert reply.json["status"] == "completed"
    kinds = [item["type"] for item in reply.json["output"]]
    assert "image_generation_call" in kinds, kinds


def openai_models(reply: Reply) -> None:
    found = reply.json.get("data", [reply.json])
    assert all(model["object"] == "model" and model["id"] for model in found), reply.case


def openai_file(reply: Reply) -> None:
    assert (reply.json["object"], reply.json["bytes"]) == ("file", 70)


NOT_YET: Final = "not served"
# What each address is answered with: the method and the path, as they were recorded.
SHAPES: Final[tuple[tuple[str, Check], ...]] = (
    (r"POST .*:(?:generateContent|streamGenerateContent)", picture),
    (r"POST .*:countTokens", tokens),
    (r"POST .*:computeTokens", token_ids),
    (r"POST .*:predict", predictions),
    (r"GET /v1(?:beta)?/models", models),
    (r"GET /v1(?:beta1)?/publishers/google/models", publisher_models),
    (r"GET /v1(?:beta1?)?/(?:publishers/google/)?models/.*", named),
    (r"GET /v1(?:beta)?/tunedModels", empty),
    (r"POST /upload/v1(?:beta)?/files", upload_begun),
    (r"POST /upload/v1(?:beta)?/files\?upload_id=.*", uploaded),
    (r"GET /v1(?:beta)?/files", files),
    (r"GET /v1(?:beta)?/files/[^:]+", file),
    (r"DELETE /v1(?:beta)?/files/.*", empty),
    (r"POST /v1(?:beta)?/interactions", interaction),
    (r"POST /v1beta1/projects/.*/interactions", interaction),
    (r"POST .*/images/(?:generations|edits|variations)", openai_images),
    (r"POST .*/chat/completions", openai_chat),
    (r"POST /v1/responses", openai_response),
    (r"GET .*/openai/models(?:/.*)?", openai_models),
    (r"POST /v1/files", openai_file),
)
# What is refused, as Google refuses it or because the thing named does not exist.
REFUSED: Final[tuple[tuple[str, Check], ...]] = (
    (r"genai-dev-17-.*", is_error(400, "case-sensitive")),
    (r"genai-dev-25-.*", is_error(400, "cannot be reached")),
    (r"genai-dev-28-.*", is_error(403, "permission")),
    (r"genai-dev-36-.*", is_error(404, "i0")),
    (r"genai-dev-37-.*", is_error(404, "i1")),
    (r"genai-dev-40-.*", is_error(400, "inline_data")),
    (r"genai-vertex-(?:21|22)-.*", is_error(404, "project= and location=")),
    (r"genai-vertex-26-.*", is_error(400, "not a picture")),
    (r"genai-(?:dev-(?:26|27)|vertex-1[456]|js-dev-10)-.*", is_error(404, NOT_YET)),
    (r"genai[\d.]*-dev-07-batch", is_error(404, NOT_YET)),
    (r"aiplatform-[\d.]+-05-batch", is_error(404, NOT_YET)),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "bucket").mkdir()
    (folder / "bucket" / "o.png").write_bytes(PNG)
    return folder


def _credentials(server: Any, folder: Path) -> Credentials:
    words = ["keys", "create", "--project", PROJECT, "--json"]
    command = [PISANG, *words, "--data", server.data]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    account = signed_up(server, folder, project=PROJECT)
    return Credentials(json.loads(made.stdout)["key"], account.token)


def _check(reply: Reply) -> None:
    for pattern, check in REFUSED:
        if re.fullmatch(pattern, reply.case):
            check(reply)
            return
    assert reply.status == 200, (reply.case, reply.path, reply.body[:300])
    query = "?upload_id=" if ["upload_protocol", "resumable"] in reply.sent["query"] else ""
    address = f"{reply.sent['method']} {reply.path}{query}"
    (check,) = (check for pattern, check in SHAPES if re.fullmatch(pattern, address))
    check(reply)


def _all(*, behind_a_prefix: bool) -> list[Case]:
    found = [case for case in recorded.cases() if case.behind_a_prefix == behind_a_prefix]
    if not found:
        pytest.skip(f"recorded traffic is not at {recorded.SHARED}; set PISANG_SHARED")
    return found


@pytest.mark.timeout(600)
def test_what_clients_were_recorded_sending_is_answered_as_they_need_it(folder: Path) -> None:
    """One test for all: where the recordings are missing, one reason is enough."""
    found = _all(behind_a_prefix=False)
    with started(folder, buckets=f"b={folder / 'bucket'}") as server:
        credentials = _credentials(server, folder)
        for case in found:
            for reply in case.play(server.url, credentials):
                _check(reply)
    assert len(found) > 100


def test_what_clients_were_recorded_sending_behind_a_path_is_answered_too(folder: Path) -> None:
    found = _all(behind_a_prefix=True)
    with started(folder / "prefixed", prefix=PREFIX) as server:
        for case in found:
            url = server.url.removesuffix(PREFIX)
            for reply in case.play(url, Credentials(server.key, "")):
                _check(reply)
