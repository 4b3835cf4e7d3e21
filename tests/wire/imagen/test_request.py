"""``:predict`` bodies of every year, read into one request."""

import json
from base64 import b64encode
from typing import Any

import pytest

from pisang.core.content import FileRef, Use
from pisang.core.errors import MalformedRequest
from pisang.core.image import Canvas, MediaType
from pisang.core.request import AutoMask, Edit, EditMode, Mask, Modality
from pisang.provenance.encode import encode
from pisang.testing import plain_pixels
from pisang.wire.imagen.request import Predict, decode

PNG = encode(plain_pixels(Canvas(64, 32, "2:1", "1K")), MediaType.PNG)
PICTURE = {"bytesBase64Encoded": b64encode(PNG).decode(), "mimeType": "image/png"}
RAW = {"referenceImage": PICTURE, "referenceId": 1, "referenceType": "REFERENCE_TYPE_RAW"}
MASK = {
    "referenceId": 2,
    "referenceType": "REFERENCE_TYPE_MASK",
    "maskImageConfig": {"maskMode": "MASK_MODE_FOREGROUND", "dilation": 0.06},
}


def read(instance: object, **parameters: object) -> Predict:
    body = {"instances": [instance], "parameters": parameters}
    return decode(json.dumps(body).encode(), model="imagen-4.0-generate-001")


def refused(body: object) -> MalformedRequest:
    with pytest.raises(MalformedRequest) as raised:
        decode(json.dumps(body).encode(), model="imagen-4.0-generate-001")
    return raised.value


def asking(**parameters: object) -> dict[str, object]:
    return {"instances": [{"prompt": "a cat"}], "parameters": parameters}


def test_every_parameter_of_a_new_client() -> None:
    asked = read(
        {"prompt": "a cat"},
        storageUri="gs://b/o/",
        negativePrompt="blurry",
        sampleCount=2,
        aspectRatio="16:9",
        guidanceScale=7.5,
        safetySetting="BLOCK_MEDIUM_AND_ABOVE",
        personGeneration="ALLOW_ADULT",
        includeSafetyAttributes=True,
        includeRaiReason=True,
        language="en",
        outputOptions={"mimeType": "image/jpeg", "compressionQuality": 75},
        addWatermark=False,
        seed=7,
        sampleImageSize="2K",
        enhancePrompt=True,
    )
    request = asked.request
    assert (asked.count, asked.storage) == (2, "gs://b/o")
    assert (asked.with_reasons, asked.with_attributes) == (True, True)
    assert request.contents[0].text == "a cat"
    assert request.modalities == {Modality.IMAGE}
    assert (request.image.aspect_ratio, request.image.image_size) == ("16:9", "2K")
    assert (request.image.mime_type, request.image.quality) == ("image/jpeg", 75)
    assert request.image.person_generation == "ALLOW_ADULT"
    assert (request.sampling.seed, request.negative) == (7, "blurry")
    assert {setting.threshold for setting in request.safety} == {"BLOCK_MEDIUM_AND_ABOVE"}
    assert request.edit is None


def test_a_body_is_read_in_either_spelling_and_with_a_structs_numbers() -> None:
    body = {
        "instances": {"prompt": "a cat"},
        "parameters": {"sample_count": 4.0, "aspect_ratio": "1:1", "sample_image_size": 1024.0},
        "labels": {"team": "web"},
    }
    asked = decode(json.dumps(body).encode(), model="m", deadline=3)
    assert (asked.count, asked.request.image.image_size, asked.request.deadline) == (4, "1K", 3)
    assert asked.request.labels == {"team": "web"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("block_most", "BLOCK_LOW_AND_ABOVE"),
        ("block_some", "BLOCK_MEDIUM_AND_ABOVE"),
        ("BLOCK_FEW", "BLOCK_ONLY_HIGH"),
        ("block_fewest", "BLOCK_NONE"),
        ("Block_Only_High", "BLOCK_ONLY_HIGH"),
    ],
)
def test_safety_in_every_spelling_of_its_history(said: str, meant: str) -> None:
    settings = read({"prompt": "a cat"}, safetySetting=said).request.safety
    assert {setting.threshold for setting in settings} == {meant}
    settings = read({"prompt": "a cat"}, safety_filter_level=said, raiLevel=3).request.safety
    assert {setting.threshold for setting in settings} == {meant}


def test_persons_in_every_spelling_of_their_history() -> None:
    for said in ("dont_allow", "ALLOW_NONE", "Dont_Allow"):
        asked = read({"prompt": "a cat"}, personGeneration=said)
        assert asked.request.image.person_generation == "DONT_ALLOW"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"disablePersonFace": True}, "DONT_ALLOW"),
        ({"enable_person_face_filter": True, "enableChildFilter": True}, "DONT_ALLOW"),
        ({"disableChild": True}, "ALLOW_ADULT"),
        ({"enableChildFilter": True, "disablePersonFace": False}, "ALLOW_ADULT"),
        ({"enableChildFilter": False}, None),
        ({"disablePersonFace": True, "personGeneration": "allow_all"}, "ALLOW_ALL"),
    ],
)
def test_persons_in_the_flags_of_imagen_2(said: dict[str, Any], meant: str | None) -> None:
    assert read({"prompt": "a cat"}, **said).request.image.person_generation == meant


def test_sizes_of_imagen_4_in_either_case() -> None:
    for said in ("2K", "2k", "2048", 2048):
        assert read({"prompt": "a cat"}, sampleImageSize=said).request.image.image_size == "2K"


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        (asking(seed=1), "parameters.seed", "addWatermark: false"),
        (asking(seed=1, addWatermark=True), "parameters.seed", "watermark"),
        (asking(language="xx"), "parameters.language", "zh-CN"),
        (asking(safetySetting="hardly"), "parameters.safety_setting", "BLOCK_MOST"),
        (asking(personGeneration=7), "parameters.person_generation", "ALLOW_ADULT"),
        (asking(sampleCount="two"), "parameters.sample_count", "whole number"),
        (asking(sampleImageSize=[]), "parameters.sample_image_size", "1K"),
        (asking(storageUri="/tmp/x"), "parameters.storage_uri", "gs://"),
        (asking(mode="foreground"), "parameters.mode", "upscale"),
        (asking(mode="upscale"), "instances[0].image", "no image"),
        (asking(editMode="EDIT_MODE_INPAINT_REMOVAL"), "instances[0].reference_images", "RAW"),
        (asking(size="1K"), "parameters", "Unknown name \"size\" at 'parameters'"),
        ({"instances": [{"prompt": "a", "colour": 1}]}, "instances[0]", 'Unknown name "colour"'),
        ({"instances": [{"prompt": "a"}], "n": 2}, "", 'Unknown name "n": Cannot find field.'),
        ({"instances": [{"prompt": "a"}] * 2}, "instances", "exactly one"),
        ({}, "instances", "exactly one"),
        ({"instances": "a cat"}, "instances", "list"),
        ({"instances": [{}]}, "instances[0].prompt", "no prompt"),
        ({"instances": [{"prompt": "a"}], "labels": [1]}, "labels", "object"),
        ({"instances": [{"prompt": "a", "image": {}}]}, "instances[0].image", "gcsUri"),
        (
            {"instances": [{"prompt": "a", "image": {**PICTURE, "gcsUri": "gs://b/o"}}]},
            "instances[0].image",
            "one of them",
        ),
        (
            {"instances": [{"referenceImages": [{"referenceImage": PICTURE}]}]},
            "instances[0].reference_images[0].reference_type",
            "REFERENCE_TYPE_RAW",
        ),
        (
            {"instances": [{"referenceImages": [RAW, {"referenceType": "REFERENCE_TYPE_MASK"}]}]},
            "instances[0].reference_images[1].reference_image",
            "MASK_MODE_FOREGROUND",
        ),
        (
            {"instances": [{"prompt": "a", "referenceImages": [RAW] * 17}]},
            "instances[0]",
            "at most 16",
        ),
        (
            {
                "instances": [{"image": PICTURE}],
                "parameters": {"editConfig": {"editMode": "inpainting-remove"}},
            },
            "instances[0].reference_images",
            "needs a mask",
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(body: object, field: str, told: str) -> None:
    error = refused(body)
    assert error.field == field
    assert told in error.message


def test_an_edit_of_the_newer_clients() -> None:
    subject = {
        "referenceImage": PICTURE,
        "referenceId": 3,
        "referenceType": "REFERENCE_TYPE_SUBJECT",
        "subjectImageConfig": {"subject_type": "SUBJECT_TYPE_PERSON"},
    }
    style = {
        "referenceImage": PICTURE,
        "referenceType": "REFERENCE_TYPE_STYLE",
        "styleImageConfig": {"styleDescription": "an etching"},
    }
    asked = read(
        {"prompt": "a dog [3] in a park", "referenceImages": [MASK, style, subject, RAW]},
        editMode="EDIT_MODE_INPAINT_INSERTION",
        editConfig={"baseSteps": 30},
    )
    words, *pictures = asked.request.contents[0].parts
    assert words.text == "a dog in a park"
    assert [part.use for part in pictures] == [None, Use.STYLE, Use.SUBJECT]
    assert [part.caption for part in pictures] == ["", "an etching", "dog"]
    mask = Mask(auto=AutoMask.FOREGROUND, dilation=0.06)
    assert asked.request.edit == Edit(mode=EditMode.INSERT, mask=mask)
    assert asked.paths == {
        "contents[0].parts[1]": "instances[0].reference_images[3].reference_image",
        "contents[0].parts[2]": "instances[0].reference_images[1].reference_image",
        "contents[0].parts[3]": "instances[0].reference_images[2].reference_image",
    }


@pytest.mark.parametrize(
    ("said", "mode"),
    [
        ("inpainting-insert", EditMode.INSERT),
        ("inpainting-remove", EditMode.REMOVE),
        ("outpainting", EditMode.EXTEND),
        ("product-image", EditMode.BACKGROUND),
    ],
)
def test_an_edit_of_the_older_clients(said: str, mode: EditMode) -> None:
    asked = read(
        {"prompt": "a dog", "image": PICTURE, "mask": {"image": PICTURE}},
        editConfig={"editMode": said, "maskDilation": 0.1},
        sampleCount=1.0,
        addWatermark=False,
    )
    assert asked.request.edit == Edit(mode=mode, mask=Mask(dilation=0.1))
    assert [part.use for part in asked.request.contents[0].parts[1:]] == [None, Use.MASK]


def test_masks_to_be_found_in_the_older_way() -> None:
    config = {"editMode": "inpainting-insert", "maskMode": {"maskType": "background"}}
    asked = read({"prompt": "a beach", "image": PICTURE}, editConfig=config)
    assert asked.request.edit == Edit(mode=EditMode.BACKGROUND, mask=Mask(auto=AutoMask.BACKGROUND))
    config["maskMode"] = {"maskType": "semantic", "classes": ["7", 8.0]}
    asked = read({"prompt": "a beach", "image": PICTURE}, editConfig=config)
    assert asked.request.edit
    assert asked.request.edit.mask == Mask(auto=AutoMask.SEMANTIC, classes=(7, 8))


@pytest.mark.parametrize("instances", [[], [{"prompt": 5}], [None], "a cat", [{}] * 2])
def test_a_prompt_that_cannot_be_read_is_not_missing_too(instances: Any) -> None:
    assert "no prompt" not in refused({"instances": instances}).message


def test_a_control_is_computed_as_either_client_asks_for_it() -> None:
    for name in ("computeControl", "enableControlImageComputation"):
        config = {"controlType": "CONTROL_TYPE_CANNY", name: True}
        control = {
            "referenceType": "REFERENCE_TYPE_CONTROL",
            "referenceImage": PICTURE,
            "controlImageConfig": config,
        }
        request = read({"prompt": "a cat", "referenceImages": [control]}).request
        assert request.contents[0].parts[1].use is Use.CONTROL


def test_an_enlargement_says_its_factor_or_its_size() -> None:
    image = {"prompt": "", "image": PICTURE}
    factor: Any = {"upscaleFactor": "x4"}
    assert read(image, mode="upscale", upscaleConfig=factor).request.upscale == 4
    assert read(image, upscaleConfig=factor).request.upscale == 4
    wide = encode(plain_pixels(Canvas(1024, 16, "2:1", "1K")), MediaType.PNG)
    image = {"prompt": "", "image": {"bytesBase64Encoded": b64encode(wide).decode()}}
    assert read(image, mode="upscale", sampleImageSize="2048").request.upscale == 2
    error = refused({"instances": [image], "parameters": {"mode": "upscale"}})
    assert "upscaleFactor" in error.message


def test_clothes_and_products() -> None:
    asked = read(
        {
            "personImage": {"image": PICTURE},
            "productImages": [{"image": {"gcsUri": "gs://b/o.png", "mimeType": "image/png"}}],
        }
    )
    assert asked.request.edit == Edit(mode=EditMode.WEAR)
    person, garment = asked.request.contents[0].parts
    assert (person.use, garment.use) == (None, Use.GARMENT)
    assert garment.file == FileRef("gs://b/o.png", "image/png")
    asked = read({"prompt": "on a beach", "productImages": [{"image": PICTURE}]})
    assert asked.request.edit is None
    assert [part.use for part in asked.request.contents[0].parts] == [None, Use.SUBJECT]
