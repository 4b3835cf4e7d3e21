"""One test per trap that a server can answer, and the order in which answers come."""

import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.admission.policy import admit, served_tier
from pisang.catalog.models import Card, catalog
from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.errors import MalformedRequest, RequestError, UnsupportedParameter
from pisang.core.image import Canvas
from pisang.core.request import (
    Edit,
    GenerateRequest,
    ImageConfig,
    Modality,
    Sampling,
    ServiceTier,
    Thinking,
    ThinkingLevel,
    Tool,
    UnknownField,
)

CARDS = catalog().cards
NB21 = CARDS["gemini-nano-banana-2.1"]
FLASH = CARDS["gemini-3.1-flash-image"]
LITE = CARDS["gemini-3.1-flash-lite-image"]
PRO = CARDS["gemini-3-pro-image"]
FIRST = CARDS["gemini-2.5-flash-image"]
GEMINI = [NB21, FLASH, LITE, PRO, FIRST]

SIZE = "generation_config.image_config.image_size"
RATIO = "generation_config.image_config.aspect_ratio"


def png(width: int, height: int) -> bytes:
    """A PNG with a true header and end but no honest pixels: nothing here decodes it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def picture(width: int = 64, height: int = 64, mime_type: str = "image/png") -> Part:
    return Part(blob=Blob(mime_type, png(width, height)))


def user(*parts: Part) -> Content:
    return Content(Role.USER, parts)


def asking(*contents: Content, **fields: Any) -> GenerateRequest:
    return GenerateRequest(
        model="x", contents=contents or (user(Part(text="a red fox")),), **fields
    )


def shaped(ratio: str | None = None, size: str | None = None) -> GenerateRequest:
    return asking(image=ImageConfig(aspect_ratio=ratio, image_size=size))


def refusal(request: GenerateRequest, card: Card, **options: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        admit(request, card, **options)
    return caught.value


def assert_refused(request: GenerateRequest, card: Card, *, field: str, message: str) -> None:
    error = refusal(request, card)
    assert isinstance(error, UnsupportedParameter)
    assert (error.message, error.field) == (message, field)


# --- size and shape ---------------------------------------------------------------------------


@pytest.mark.parametrize("card", GEMINI, ids=lambda card: card.id)
def test_a_plain_prompt_is_drawn_square_at_1k(card: Card) -> None:
    assert admit(asking(), card) == Canvas(1024, 1024, "1:1", "1K")


def test_a_model_without_pixels_of_its_own_is_refused() -> None:
    refused = refusal(asking(), CARDS["virtual-try-on-001"])
    assert refused.field == "contents"
    assert "personImage" in refused.message


def enlarging(width: int, height: int, factor: int = 2) -> GenerateRequest:
    return asking(user(picture(width, height)), upscale=factor)


def test_an_enlargement_has_a_limit_and_a_family() -> None:
    card = CARDS["imagen-4.0-upscale-preview"]
    assert admit(enlarging(100, 60, 4), card) == Canvas(400, 240, "16:9", "1K")
    assert admit(enlarging(2000, 2000), card).width == 4000  # 16 megapixels
    assert "17 megapixels" in refusal(enlarging(2100, 2100), card).message
    assert refusal(enlarging(64, 64), CARDS["gemini-3-pro-image"]).field == "model"


def test_an_edit_of_imagen_keeps_the_pictures_size_unless_a_ratio_is_asked_for() -> None:
    card = CARDS["imagen-3.0-capability-001"]
    edit = asking(user(Part(text="a cat"), picture(600, 300)), edit=Edit())
    assert admit(edit, card) == Canvas(600, 300, "16:9", "1K")
    large = replace(edit, contents=(user(picture(6000, 3000)),))
    assert admit(large, card) == Canvas(2048, 1024, "16:9", "1K")
    square = replace(edit, image=ImageConfig(aspect_ratio="1:1"))
    assert admit(square, card) == card.canvas("1:1")
    assert admit(edit, CARDS["gemini-3-pro-image"]).width != 600


def test_pictures_do_not_count_against_the_length_of_imagens_prompts() -> None:
    card = CARDS["imagen-3.0-capability-001"]
    pictures = [picture(600, 300)] * 4
    admit(asking(user(Part(text="a cat"), *pictures)), card)
    long = asking(user(Part(text="word " * 600)))
    assert "480" in refusal(long, card).message


@given(st.sampled_from(GEMINI), st.data())
def test_every_word_of_a_card_gives_its_exact_pixels(card: Card, data: st.DataObject) -> None:
    ratio = data.draw(st.sampled_from(card.ratios))
    size = data.draw(st.sampled_from(card.sizes or (None,)))
    canvas = admit(shaped(ratio, size), card)
    assert (canvas.width, canvas.height) == card.pixels[size or "1K"][ratio]


@given(st.sampled_from(GEMINI), st.text(max_size=60), st.text(max_size=60))
def test_any_words_are_served_or_refused_by_field(card: Card, ratio: str, size: str) -> None:
    request = shaped(ratio, size)
    if (ratio in card.ratios or not ratio) and (size in card.sizes or not size):
        assert admit(request, card)
    else:
        error = refusal(request, card)
        assert error.field in (SIZE, RATIO)
        assert len(error.message) < 500


@pytest.mark.parametrize(
    ("card", "size", "message"),
    [
        (
            FLASH,
            "2k",
            'imageSize "2k" is not valid: sizes are case-sensitive, use "2K". '
            "'gemini-3.1-flash-image' takes 512, 1K, 2K, 4K.",
        ),
        (
            FLASH,
            "512px",
            'imageSize "512px" is not valid: use imageSize "512" (no unit). '
            "'gemini-3.1-flash-image' takes 512, 1K, 2K, 4K.",
        ),
        (
            FLASH,
            "0.5K",
            'imageSize "0.5K" is not valid: use imageSize "512" (no unit). '
            "'gemini-3.1-flash-image' takes 512, 1K, 2K, 4K.",
        ),
        (
            PRO,
            "512PX",
            'imageSize "512PX" is not valid: use imageSize "512" (no unit), but '
            "'gemini-3-pro-image' takes only 1K, 2K, 4K. Use one of them, or ask a model that has "
            "512: gemini-3.1-flash-image.",
        ),
        (
            FLASH,
            "4096",
            'imageSize takes 512, 1K, 2K, 4K; got pixels "4096". '
            'Nearest: imageSize "4K", aspectRatio "1:1".',
        ),
        (
            PRO,
            "1920x1080",
            'imageSize takes 1K, 2K, 4K; got pixels "1920x1080". '
            'Nearest: imageSize "1K", aspectRatio "16:9".',
        ),
        (
            FLASH,
            "4096x4096",
            'imageSize takes 512, 1K, 2K, 4K; got pixels "4096x4096". '
            'Nearest: imageSize "4K", aspectRatio "1:1".',
        ),
        (
            FIRST,
            "2K",
            "imageSize \"2K\" is not supported by 'gemini-2.5-flash-image', which always draws at "
            "1K. Leave imageSize out, or ask a model that has 2K: gemini-nano-banana-2.1, "
            "gemini-3.1-flash-image, gemini-3-pro-image.",
        ),
        (
            FIRST,
            "1K",
            "imageSize \"1K\" is not supported by 'gemini-2.5-flash-image', which always draws at "
            "1K. Leave imageSize out.",
        ),
        (
            LITE,
            "4K",
            "imageSize \"4K\" is not supported by 'gemini-3.1-flash-lite-image'. Supported: 1K. "
            "Use one of them, or ask a model that has 4K: gemini-nano-banana-2.1, "
            "gemini-3.1-flash-image, gemini-3-pro-image.",
        ),
        (
            NB21,
            "512",
            "imageSize \"512\" is not supported by 'gemini-nano-banana-2.1'. Supported: 1K, 2K, "
            "4K. Use one of them, or ask a model that has 512: gemini-3.1-flash-image.",
        ),
        (
            PRO,
            "8K",
            "imageSize \"8K\" is not supported by 'gemini-3-pro-image'. Supported: 1K, 2K, 4K. "
            "Use one of them.",
        ),
    ],
)
def test_a_wrong_size_is_answered_with_the_right_one(card: Card, size: str, message: str) -> None:
    assert_refused(shaped(size=size), card, field=SIZE, message=message)


@pytest.mark.parametrize(
    ("card", "ratio", "message"),
    [
        (
            NB21,
            "9:21",
            "aspectRatio 9:21 is not supported by 'gemini-nano-banana-2.1'. Supported: 1:1, 1:4, "
            "1:8, 2:3, 3:2, 3:4, 4:1, 4:3, 4:5, 5:4, 8:1, 9:16, 16:9, 21:9, auto. "
            'Nearest: "9:16".',
        ),
        (
            PRO,
            "1:8",
            "aspectRatio 1:8 is not supported by 'gemini-3-pro-image'. Supported: 1:1, 2:3, 3:2, "
            "3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9. Models with 1:8: gemini-nano-banana-2.1, "
            "gemini-3.1-flash-image, gemini-3.1-flash-lite-image.",
        ),
        (
            FIRST,
            "16x9",
            "aspectRatio 16x9 is not supported by 'gemini-2.5-flash-image'. Supported: 1:1, 2:3, "
            '3:2, 3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9. Nearest: "16:9".',
        ),
        (
            PRO,
            "auto",
            "aspectRatio auto is not supported by 'gemini-3-pro-image'. Supported: 1:1, 2:3, 3:2, "
            "3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9. Leave aspectRatio out: it then follows the "
            "last input image.",
        ),
    ],
)
def test_a_wrong_ratio_is_answered_with_the_right_ones(
    card: Card, ratio: str, message: str
) -> None:
    assert_refused(shaped(ratio=ratio), card, field=RATIO, message=message)


@pytest.mark.parametrize("ratio", [None, "", "auto"])
def test_without_a_ratio_the_last_picture_gives_the_shape(ratio: str | None) -> None:
    request = asking(
        user(picture(800, 800), Part(text="put them together"), picture(1600, 900)),
        image=ImageConfig(aspect_ratio=ratio, image_size="2K"),
    )
    assert admit(request, NB21) == Canvas(2752, 1536, "16:9", "2K")


def test_an_edit_of_a_chat_keeps_the_shape_of_the_models_picture() -> None:
    made = Content(Role.MODEL, (picture(768, 1344),))
    request = asking(user(Part(text="a tower")), made, user(Part(text="make it snow")))
    assert admit(request, FIRST).aspect_ratio == "9:16"


def test_a_picture_that_hides_its_size_gives_a_square() -> None:
    heic = Blob("image/heic", b"\0\0\0\x18ftypheic" + bytes(32))
    assert admit(asking(user(Part(blob=heic))), PRO).aspect_ratio == "1:1"


# --- names and contents -----------------------------------------------------------------------


def test_an_unknown_name_is_answered_in_googles_words_and_with_the_right_name() -> None:
    unknown = (UnknownField("generation_config", "image_resolution"),)
    error = refusal(asking(unknown=unknown), FLASH)
    google = (
        "Invalid JSON payload received. Unknown name \"image_resolution\" at 'generation_config': "
        "Cannot find field."
    )
    assert isinstance(error, MalformedRequest)
    assert error.message == (
        f"{google} Use generationConfig.imageConfig.imageSize with one of 512, 1K, 2K, 4K "
        '("4096" = "4K").'
    )
    (violation,) = error.violations
    assert (violation.field, violation.description) == ("generation_config", google)


@pytest.mark.parametrize(
    ("card", "name", "words"),
    [
        (FIRST, "imageSize", "'gemini-2.5-flash-image' always draws at 1K: leave the size out."),
        (LITE, "resolution", "imageSize with one of 1K."),
        (PRO, "aspectRatio", "aspectRatio with one of 1:1, 2:3, "),
        (PRO, "outputMimeType", '{"image": {"mimeType": "IMAGE_JPEG"}}'),
        (PRO, "numberOfImages", "send separate requests or a batch"),
        (PRO, "negative_prompt", "what the image should not show"),
    ],
)
def test_names_people_often_write_are_answered_with_the_right_way(
    card: Card, name: str, words: str
) -> None:
    message = refusal(asking(unknown=(UnknownField("generation_config", name),)), card).message
    assert f'Unknown name "{name}"' in message
    assert words in message


def test_every_unknown_name_is_listed_on_a_line_of_its_own() -> None:
    unknown = (UnknownField("", "size"), UnknownField("contents[0]", "partz"))
    lines = refusal(asking(unknown=unknown), PRO).message.split("\n")
    assert lines[0] == 'Invalid JSON payload received. Unknown name "size": Cannot find field.'
    assert "Unknown name \"partz\" at 'contents[0]': Cannot find field." in lines[1]


def test_contents_must_be_there() -> None:
    error = refusal(GenerateRequest(model="x", contents=()), PRO)
    assert error.message == "* GenerateContentRequest.contents: contents is not specified"
    assert error.field == "contents"


def test_a_turn_must_have_parts() -> None:
    error = refusal(asking(user(Part(text="hi")), user()), PRO)
    assert error.message == (
        "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty."
    )


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_prompt_of_nothing_is_refused(text: str) -> None:
    assert refusal(asking(user(Part(text=text))), PRO).field == "contents"


# --- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("card", "limit"), [(PRO, 14), (FIRST, 3), (NB21, 14)])
def test_too_many_references_are_counted_out(card: Card, limit: int) -> None:
    fits = asking(user(*[picture()] * (limit - 1)), user(picture(), Part(text="together")))
    assert admit(fits, card)
    over = asking(user(*[picture()] * limit), user(picture(), Part(text="together")))
    error = refusal(over, card)
    assert f"contents hold {limit + 1} input images" in error.message
    assert f"takes at most {limit} " in error.message
    assert error.field == "contents"


def test_pictures_the_model_made_are_not_references() -> None:
    made = [Content(Role.MODEL, (picture(),)) for _ in range(8)]
    assert admit(asking(*made, user(*[picture()] * 3, Part(text="go on"))), FIRST)


@pytest.mark.parametrize(
    ("blob", "words", "field"),
    [
        (Blob("image/png", b""), "is empty", ""),
        (Blob("image/png", b"hello"), "is not a picture: its 5 bytes", ""),
        (Blob("image/png", png(8, 8)[:40]), "is cut off: only 40 bytes came", ""),
        (Blob("image/png", png(0, 8)), "is damaged", ""),
        (Blob("image/png", png(20000, 10000)), "20000x10000 pixels (200.0 megapixels)", ""),
        (Blob("image/gif", b"GIF89a" + bytes(9)), "is image/gif, which is not supported", ""),
        (Blob("image/png", b"GIF89a" + bytes(9)), "is image/gif, which is not supported", ""),
        (Blob("image/avif", b"\0\0\0\x18ftypavif" + bytes(9)), "is image/avif", ""),
        (Blob("image/svg+xml", b"<svg/>"), "'image/svg+xml' is not supported", ".mime_type"),
        (Blob("video/mp4", b"\0\0\0\x18ftypisom"), "'video/mp4' is not supported", ".mime_type"),
        (Blob("application/pdf", b"%PDF-1.7"), "Send PNG, JPEG, WebP, HEIC", ".mime_type"),
    ],
)
def test_a_bad_picture_is_refused_by_its_header(blob: Blob, words: str, field: str) -> None:
    error = refusal(asking(user(Part(text="edit"), Part(blob=blob))), PRO)
    assert words in error.message
    assert error.field == f"contents[0].parts[1].inline_data{field}"


def test_a_wrong_claim_about_the_type_does_not_matter() -> None:
    assert admit(asking(user(picture(mime_type="image/jpeg"), Part(text="edit"))), PRO)
    assert admit(asking(user(picture(mime_type="text/plain"), Part(text="edit"))), PRO)
    assert admit(asking(user(picture(mime_type=""), Part(text="edit"))), PRO)


def test_the_limit_of_megapixels_is_the_operators() -> None:
    request = asking(user(picture(3000, 2000), Part(text="edit")))
    assert admit(request, PRO, max_megapixels=6)
    assert "at most 5.5 megapixels" in refusal(request, PRO, max_megapixels=5.5).message


def test_a_file_that_is_only_named_is_refused_with_the_way_out() -> None:
    error = refusal(asking(user(Part(file=FileRef("gs://bucket/cat.png")))), PRO)
    assert "gs://bucket/cat.png" in error.message
    assert "inlineData" in error.message
    assert error.field == "contents[0].parts[0].file_data"


# --- configuration ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "modalities", [set(), {Modality.TEXT}, {Modality.IMAGE}, {Modality.TEXT, Modality.IMAGE}]
)
def test_text_and_image_may_be_asked_for(modalities: set[Modality]) -> None:
    assert admit(asking(modalities=frozenset(modalities)), PRO)


def test_audio_is_not_made() -> None:
    modalities = frozenset({Modality.AUDIO, Modality.IMAGE})
    assert_refused(
        asking(modalities=modalities),
        PRO,
        field="generation_config.response_modalities",
        message="responseModalities AUDIO is not supported by 'gemini-3-pro-image'. "
        "It answers with IMAGE and TEXT; leave the field out to get both.",
    )


@pytest.mark.parametrize("count", [0, 2, 4])
def test_one_request_makes_one_candidate(count: int) -> None:
    assert_refused(
        asking(sampling=Sampling(candidate_count=count)),
        PRO,
        field="generation_config.candidate_count",
        message=f"candidateCount must be 1 for gemini-3-pro-image, got {count}; "
        "send separate requests or a batch.",
    )
    assert admit(asking(sampling=Sampling(candidate_count=1)), PRO)


def test_a_temperature_out_of_range_is_answered_in_googles_words() -> None:
    assert_refused(
        asking(sampling=Sampling(temperature=1000)),
        PRO,
        field="generation_config.temperature",
        message="Unable to submit request because it has a temperature value of 1000 but the "
        "supported range is from 0 (inclusive) to 2.0001 (exclusive). "
        "Update the value and try again.",
    )


@pytest.mark.parametrize(
    ("sampling", "field"),
    [
        (Sampling(temperature=-0.1), "temperature"),
        (Sampling(temperature=float("nan")), "temperature"),
        (Sampling(top_p=1.5), "top_p"),
        (Sampling(top_k=-1), "top_k"),
        (Sampling(max_output_tokens=0), "max_output_tokens"),
        (Sampling(max_output_tokens=32769), "max_output_tokens"),
        (Sampling(stop_sequences=("a",) * 6), "stop_sequences"),
    ],
)
def test_sampling_controls_have_ranges(sampling: Sampling, field: str) -> None:
    assert refusal(asking(sampling=sampling), PRO).field == f"generation_config.{field}"


def test_sampling_controls_within_range_pass_even_where_google_ignores_them() -> None:
    sampling = Sampling(
        seed=7,
        temperature=2,
        top_p=1,
        top_k=40.0,
        max_output_tokens=32768,
        stop_sequences=("a",) * 5,
    )
    assert admit(asking(sampling=sampling), NB21)


@pytest.mark.parametrize(
    ("card", "thinking", "words", "field"),
    [
        (FLASH, Thinking(level=ThinkingLevel.LOW), "Supported: MINIMAL, HIGH.", "level"),
        (NB21, Thinking(level=ThinkingLevel.XHIGH), "MINIMAL, MEDIUM, HIGH.", "level"),
        (PRO, Thinking(level=ThinkingLevel.HIGH), "it always thinks", "level"),
        (FIRST, Thinking(level=ThinkingLevel.HIGH), "Leave thinkingConfig out", "level"),
        (FIRST, Thinking(budget=100), "Leave thinkingConfig out", "budget"),
        (FLASH, Thinking(budget=0), "only works in thinking mode", "budget"),
        (FLASH, Thinking(budget=-2), "is not valid", "budget"),
        (
            FLASH,
            Thinking(level=ThinkingLevel.HIGH, budget=10),
            "cannot be set together",
            "budget",
        ),
    ],
)
def test_thinking_that_the_model_cannot_do(
    card: Card, thinking: Thinking, words: str, field: str
) -> None:
    error = refusal(asking(thinking=thinking), card)
    assert words in error.message
    assert error.field == f"generation_config.thinking_config.thinking_{field}"


def test_thoughts_cannot_be_shown_by_a_model_without_any() -> None:
    error = refusal(asking(thinking=Thinking(include_thoughts=True)), FIRST)
    assert error.field == "generation_config.thinking_config.include_thoughts"


@pytest.mark.parametrize(
    ("card", "thinking"),
    [
        (PRO, Thinking(include_thoughts=True)),
        (PRO, Thinking(budget=-1)),
        (NB21, Thinking(level=ThinkingLevel.MEDIUM, include_thoughts=True)),
        (FIRST, Thinking()),
    ],
)
def test_thinking_that_the_model_can_do(card: Card, thinking: Thinking) -> None:
    assert admit(asking(thinking=thinking), card)


@pytest.mark.parametrize(
    ("card", "tool", "words"),
    [
        (PRO, Tool.CODE_EXECUTION, "image models take googleSearch at most"),
        (FLASH, Tool.FUNCTION_DECLARATIONS, "image models take googleSearch at most"),
        (FIRST, Tool.GOOGLE_SEARCH, "gemini-nano-banana-2.1, gemini-3.1-flash-image, gemini-3-pro"),
        (PRO, Tool.IMAGE_SEARCH, "that has it: gemini-nano-banana-2.1, gemini-3.1-flash-image."),
    ],
)
def test_tools_the_model_does_not_have(card: Card, tool: Tool, words: str) -> None:
    error = refusal(asking(tools=frozenset({tool})), card)
    assert words in error.message
    assert error.field == "tools"


def test_search_is_allowed_where_the_model_can() -> None:
    assert admit(asking(tools=frozenset({Tool.GOOGLE_SEARCH})), PRO)
    assert admit(asking(tools=frozenset({Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH})), NB21)


def test_json_mode_is_not_for_images() -> None:
    error = refusal(asking(response_mime_type="application/json"), PRO)
    assert error.message.startswith("JSON mode is not enabled for this model")
    assert admit(asking(response_mime_type="text/plain"), PRO)
    assert "only text/plain" in refusal(asking(response_mime_type="image/png"), PRO).message


def test_the_codec_and_its_quality_are_checked() -> None:
    error = refusal(asking(image=ImageConfig(mime_type="image/gif")), PRO)
    assert "image/png, image/jpeg, image/webp" in error.message
    assert "use 0 to 100" in refusal(asking(image=ImageConfig(quality=101)), PRO).message
    assert admit(asking(image=ImageConfig(mime_type="image/jpeg", quality=85)), PRO)


def test_a_prompt_that_is_too_long_is_counted() -> None:
    error = refusal(asking(user(Part(text="word " * 65537))), PRO)
    assert error.message.startswith(
        "The input token count (65537) exceeds the maximum number of tokens allowed (65536)"
    )
    long = asking(user(Part(text="word " * 65537)))
    assert admit(long, FLASH)
    assert refusal(long, FLASH, surface="vertex").field == "contents"


@pytest.mark.parametrize(
    ("card", "asked", "surface", "served"),
    [
        (PRO, None, "gemini_api", ServiceTier.STANDARD),
        (PRO, ServiceTier.FLEX, "gemini_api", ServiceTier.FLEX),
        (PRO, ServiceTier.PRIORITY, "gemini_api", ServiceTier.PRIORITY),
        (FLASH, ServiceTier.FLEX, "gemini_api", ServiceTier.STANDARD),
        (FLASH, ServiceTier.FLEX, "vertex", ServiceTier.FLEX),
        (NB21, ServiceTier.BATCH, "gemini_api", ServiceTier.BATCH),
    ],
)
def test_a_tier_the_model_lacks_is_served_as_standard(
    card: Card, asked: ServiceTier | None, surface: Any, served: ServiceTier
) -> None:
    request = asking(service_tier=asked)
    assert admit(request, card, surface=surface)
    assert served_tier(request, card, surface=surface) is served
