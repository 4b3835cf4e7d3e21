"""``:predict`` through the server: pictures, refusals, what is filtered, what goes to a bucket."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pisang.core.events import Finished, FinishReason, Started
from pisang.core.image import Canvas, MediaType, sniff
from pisang.provenance.encode import encode
from pisang.testing import ScriptedEngine, Server, plain_pixels, server
from tests.path.asgi import Reply, call, post

MODEL = "imagen-4.0-generate-001"
PICTURE = {
    "bytesBase64Encoded": b64encode(
        encode(plain_pixels(Canvas(64, 32, "2:1", "1K")), MediaType.PNG)
    ).decode()
}


def predict(model: str = MODEL, version: str = "v1beta") -> str:
    return f"/{version}/models/{model}:predict"


def asking(**parameters: object) -> dict[str, Any]:
    return {"instances": [{"prompt": "a cat"}], "parameters": parameters}


@pytest.fixture
async def bucketed(tmp_path: Path) -> AsyncIterator[Server]:
    """A server with a bucket, ``photos``."""
    (tmp_path / "photos").mkdir()
    async with server(tmp_path / "data", buckets=(f"photos={tmp_path / 'photos'}",)) as running:
        yield running


def pictures(reply: Reply) -> list[bytes]:
    assert reply.status == 200, reply.body[:400]
    return [b64decode(one["bytesBase64Encoded"]) for one in reply.json["predictions"]]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
async def test_a_dead_model_draws_with_its_own_pixels_and_says_so(
    pisang: Server, version: str
) -> None:
    reply = await post(
        pisang,
        predict(version=version),
        asking(sampleCount=3.0, aspectRatio="16:9", sampleImageSize="2K"),
    )
    headers = [sniff(data) for data in pictures(reply)]
    assert [(h.media_type, h.width, h.height) for h in headers if h] == [
        ("image/png", 2816, 1536)
    ] * 3
    assert reply.headers["x-pisang-model"] == MODEL
    assert "emulated" in reply.headers["x-pisang-notice"]
    seeds = {request.sampling.seed for request in pisang.engine.asked}
    assert len(seeds) == 3
    assert set(reply.json["predictions"][0]) == {"mimeType", "bytesBase64Encoded"}
    assert "model" not in reply.json


async def test_the_codec_is_the_callers_choice(pisang: Server) -> None:
    reply = await post(
        pisang,
        predict(),
        asking(outputOptions={"mimeType": "image/jpeg", "compressionQuality": 40}),
    )
    assert reply.json["predictions"][0]["mimeType"] == "image/jpeg"
    assert pictures(reply)[0][:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    ("parameters", "field", "told"),
    [
        ({"sampleCount": 5}, "parameters.sample_count", "1 to 4"),
        ({"sampleCount": 0}, "parameters.sample_count", "1 to 4"),
        ({"aspectRatio": "21:9"}, "parameters.aspect_ratio", "3:4"),
        ({"sampleImageSize": "4K"}, "parameters.sample_image_size", "sampleImageSize"),
        (
            {"outputOptions": {"mimeType": "image/gif"}},
            "parameters.output_options.mime_type",
            "image/jpeg",
        ),
        ({"storageUri": "gs://nowhere/x"}, "parameters.storage_uri", "no bucket"),
        ({"quality": 3}, "parameters", "Unknown name"),
    ],
)
async def test_what_cannot_be_made_is_refused_in_imagens_words(
    pisang: Server, parameters: dict[str, object], field: str, told: str
) -> None:
    reply = await post(pisang, predict(), asking(**parameters))
    assert reply.status == 400
    assert told in reply.error["message"]
    assert "generation_config" not in reply.error["message"]
    (bad,) = (d for d in reply.error["details"] if d["@type"].endswith("BadRequest"))
    assert bad["fieldViolations"][0]["field"] == field
    assert pisang.engine.asked == []


async def test_a_bad_picture_is_blamed_where_it_was_sent(pisang: Server) -> None:
    body = asking()
    body["instances"][0]["referenceImages"] = [
        {"referenceType": "REFERENCE_TYPE_RAW", "referenceImage": {"bytesBase64Encoded": "AAAA"}}
    ]
    reply = await post(pisang, predict("imagen-3.0-capability-001"), body)
    assert reply.status == 400
    assert (
        "instances[0].reference_images[0].reference_image is not a picture"
        in (reply.error["message"])
    )


@pytest.mark.parametrize(
    ("model", "verb", "told"),
    [
        ("gemini-3-pro-image", "predict", "answers generateContent"),
        ("no-such-model", "predict", "not found"),
        ("veo-3", "predictLongRunning", "video"),
    ],
)
async def test_other_models_and_methods_are_named(
    pisang: Server, model: str, verb: str, told: str
) -> None:
    reply = await post(pisang, f"/v1beta/models/{model}:{verb}", asking())
    assert reply.status == 404
    assert told in reply.error["message"]


async def test_strict_servers_answer_as_google_does_today(tmp_path: Path) -> None:
    async with server(tmp_path / "data", compatibility="strict") as strict:
        reply = await post(strict, predict(), asking())
    assert reply.status == 404
    assert "was shut down on 2026-08-17" in reply.error["message"]


async def test_strangers_are_turned_away_before_their_body_is_judged(pisang: Server) -> None:
    reply = await post(pisang, predict(), b"no JSON", key="")
    assert reply.status == 403


def refusing(reason: FinishReason, message: str | None = None) -> ScriptedEngine:
    return ScriptedEngine([Started("m"), Finished(reason, message)])


async def test_filtered_pictures_are_left_out_or_told_when_asked_for(tmp_path: Path) -> None:
    engine = refusing(FinishReason.IMAGE_SAFETY, "It was filtered.")
    async with server(tmp_path / "data", engine=engine) as filtering:
        silent = await post(filtering, predict(), asking(sampleCount=2))
        told = await post(filtering, predict(), asking(sampleCount=2, includeRaiReason=True))
    assert (silent.status, silent.json) == (200, {})
    reason = {"raiFilteredReason": "It was filtered. Support codes: 29578790"}
    assert (told.status, told.json) == (200, {"predictions": [reason, reason]})


async def test_a_refused_prompt_is_an_error(tmp_path: Path) -> None:
    async with server(
        tmp_path / "data", engine=refusing(FinishReason.PROHIBITED_CONTENT)
    ) as refuses:
        reply = await post(refuses, predict(), asking())
    assert reply.status == 400
    assert "Support codes: 89371032" in reply.error["message"]


async def test_safety_attributes_come_with_each_picture_and_the_prompt(pisang: Server) -> None:
    reply = await post(pisang, predict(), asking(includeSafetyAttributes=True))
    picture, prompt = reply.json["predictions"]
    assert picture["bytesBase64Encoded"]
    assert prompt["contentType"] == "Positive Prompt"
    for one in (picture, prompt):
        attributes = one["safetyAttributes"]
        assert len(attributes["categories"]) == len(attributes["scores"]) > 0


async def test_pictures_go_to_the_callers_bucket(bucketed: Server, tmp_path: Path) -> None:
    reply = await post(bucketed, predict(), asking(storageUri="gs://photos/cats", sampleCount=2))
    assert reply.status == 200
    for number, one in enumerate(reply.json["predictions"]):
        assert set(one) == {"gcsUri", "mimeType"}
        assert one["gcsUri"].endswith(f"/sample_{number}.png")
        file = tmp_path / one["gcsUri"].removeprefix("gs://")
        assert sniff(file.read_bytes()) is not None


async def test_a_picture_that_cannot_be_kept_is_in_the_answer(
    bucketed: Server, tmp_path: Path
) -> None:
    (tmp_path / "photos" / "cats").write_text("a file where a folder would be")
    reply = await post(bucketed, predict(), asking(storageUri="gs://photos/cats"))
    assert sniff(pictures(reply)[0]) is not None
    assert "storageUri" in reply.headers["x-pisang-notice"]


async def test_the_work_stops_when_the_caller_hangs_up(tmp_path: Path) -> None:
    engine, hang_up = ScriptedEngine(hold=True), asyncio.Event()
    async with server(tmp_path / "data", engine=engine) as slow:
        body = json.dumps(asking(sampleCount=2)).encode()
        sent = {"x-goog-api-key": slow.key, "content-length": str(len(body))}
        work = asyncio.create_task(
            call(slow.app.asgi, "POST", predict(), headers=sent, chunks=[body], hang_up=hang_up)
        )
        await engine.begun.wait()
        hang_up.set()
        await asyncio.wait_for(work, 10)
        assert engine.cancelled == len(engine.asked) > 0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
_NAMES = st.sampled_from(
    ["prompt", "image", "mask", "referenceImages", "personImage", "productImages"]
)
_WORDS = st.sampled_from(
    ["sampleCount", "seed", "mode", "editMode", "editConfig", "upscaleConfig", "outputOptions",
     "storageUri", "sampleImageSize", "language", "addWatermark", "safetySetting"]
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    instance=st.dictionaries(_NAMES, _JSON | st.just(PICTURE), max_size=3),
    parameters=st.dictionaries(_WORDS, _JSON, max_size=3),
)
def test_no_body_is_our_defect(
    tmp_path_factory: pytest.TempPathFactory,
    instance: dict[str, object],
    parameters: dict[str, object],
) -> None:
    async def sent() -> Reply:
        async with server(tmp_path_factory.mktemp("fuzz") / "data") as running:
            body = {"instances": [instance], "parameters": parameters}
            return await post(running, predict("imagen-3.0-capability-001"), body)

    reply = asyncio.run(sent())
    assert reply.status in (200, 400), reply.body[:500]


VERTEX = "/v1/projects/default/locations/us-central1/publishers/google/models"


@pytest.mark.parametrize(
    "address",
    [
        f"{VERTEX}/{MODEL}:predict",
        f"{VERTEX}/{MODEL}%40default:predict",
        f"/v1beta1/publishers/google/models/{MODEL}:predict",
    ],
)
async def test_vertex_ai_answers_the_same_and_names_the_model(pisang: Server, address: str) -> None:
    reply = await post(pisang, address, asking(sampleCount=2))
    assert len(pictures(reply)) == 2
    assert reply.json["model"] == f"publishers/google/models/{MODEL}"
    assert reply.json["modelDisplayName"] == "Imagen 4"


async def test_what_only_vertex_ai_had_is_drawn_there(pisang: Server) -> None:
    picture = {"image": PICTURE}
    body = {"instances": [{"personImage": picture, "productImages": [picture]}]}
    reply = await post(pisang, f"{VERTEX}/virtual-try-on-001:predict", body)
    header = sniff(pictures(reply)[0])
    assert header is not None
    assert (header.width, header.height) == (64, 32)  # the person's own size
    reply = await post(pisang, f"{VERTEX}/virtual-try-on-001:predict", asking())
    assert reply.status == 400
    assert "personImage" in reply.error["message"]


async def test_an_enlargement_has_the_pictures_size_times_the_factor(pisang: Server) -> None:
    body: dict[str, Any] = {
        "instances": [{"prompt": "", "image": PICTURE}],
        "parameters": {"mode": "upscale", "upscaleConfig": {"upscaleFactor": "x4"}},
    }
    reply = await post(pisang, f"{VERTEX}/imagen-4.0-upscale-preview:predict", body)
    header = sniff(pictures(reply)[0])
    assert header is not None
    assert (header.width, header.height) == (256, 128)
    large = encode(plain_pixels(Canvas(1600, 1000, "", "")), MediaType.PNG)
    body["instances"][0]["image"] = {"bytesBase64Encoded": b64encode(large).decode()}
    reply = await post(pisang, f"{VERTEX}/imagen-4.0-upscale-preview:predict", body)
    assert reply.status == 400
    assert "17 megapixels" in reply.error["message"]
    (bad,) = (d for d in reply.error["details"] if d["@type"].endswith("BadRequest"))
    assert bad["fieldViolations"][0]["field"] == "instances[0].image"


async def test_an_edit_keeps_the_pictures_size(pisang: Server) -> None:
    body = asking(editConfig={"editMode": "inpainting-insert"})
    body["instances"][0] |= {"image": PICTURE, "mask": {"image": PICTURE}}
    reply = await post(pisang, f"{VERTEX}/imagen-3.0-capability-001:predict", body)
    header = sniff(pictures(reply)[0])
    assert header is not None
    assert (header.width, header.height) == (64, 32)
    wide = asking(editConfig={"editMode": "outpainting"}, aspectRatio="1:1")
    wide["instances"][0] |= {"image": PICTURE}
    reply = await post(pisang, f"{VERTEX}/imagen-3.0-capability-001:predict", wide)
    header = sniff(pictures(reply)[0])
    assert header is not None
    assert (header.width, header.height) == (1024, 1024)


async def test_pictures_come_from_buckets_too(bucketed: Server, tmp_path: Path) -> None:
    (tmp_path / "photos" / "in.png").write_bytes(b64decode(PICTURE["bytesBase64Encoded"]))
    body = asking(editConfig={"editMode": "product-image"})
    body["instances"][0]["image"] = {"gcsUri": "gs://photos/in.png"}
    reply = await post(bucketed, f"{VERTEX}/imagen-3.0-capability-001:predict", body)
    assert sniff(pictures(reply)[0]) is not None
    body["instances"][0]["image"] = {"gcsUri": "gs://photos/not.png"}
    reply = await post(bucketed, f"{VERTEX}/imagen-3.0-capability-001:predict", body)
    assert reply.status == 400
    assert "instances[0].image" in json.dumps(reply.error["details"])


async def test_one_project_cannot_draw_in_anothers_name(pisang: Server) -> None:
    address = f"{VERTEX}/{MODEL}:predict".replace("/default/", "/another/")
    reply = await post(pisang, address, asking())
    assert reply.status == 403
    assert pisang.engine.asked == []
