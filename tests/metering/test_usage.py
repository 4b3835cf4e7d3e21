from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.events import Image, Text, Thought, Usage
from pisang.core.image import Pixels
from pisang.core.request import GenerateRequest
from pisang.metering.usage import count, count_prompt, told

CARDS = catalog().cards
REQUEST = GenerateRequest(
    model="x",
    contents=(
        Content(Role.USER, (Part(text="a siamese cat"), Part(blob=Blob("image/png", b"x")))),
    ),
)
DRAWN = Image(Pixels(1, 1, 3, b"abc"))
PARTS = (Thought("a plan of four"), Text("Here it is."), DRAWN)


def test_the_prompt_is_counted_by_kind() -> None:
    assert count_prompt(REQUEST, CARDS["gemini-3-pro-image"]) == Usage(
        prompt_text=4, prompt_image=560
    )


def test_the_answer_is_counted_by_kind() -> None:
    card = CARDS["gemini-3-pro-image"]
    used = count(REQUEST, card, canvas=card.canvas("1:1", "4K"), parts=PARTS)
    assert used == Usage(
        prompt_text=4, prompt_image=560, text_output=4, image_output=2000, thoughts=4, images=1
    )
    assert used.total == 4 + 560 + 4 + 2000 + 4


def test_counting_beforehand_gives_what_the_answer_will_name() -> None:
    for card in CARDS.values():
        if card.pixels:
            used = count(REQUEST, card, canvas=card.canvas("1:1"), parts=())
            assert used == count_prompt(REQUEST, card)


def test_a_model_that_does_not_think_is_charged_no_thoughts() -> None:
    card = CARDS["gemini-2.5-flash-image"]
    used = count(REQUEST, card, canvas=card.canvas("16:9"), parts=PARTS)
    assert (used.thoughts, used.image_output) == (0, 1290)


def test_each_picture_counts_and_none_counts_nothing() -> None:
    card = CARDS["gemini-3.1-flash-image"]
    canvas = card.canvas("1:1", "512")
    assert count(REQUEST, card, canvas=canvas, parts=(DRAWN, DRAWN)).image_output == 2 * 747
    assert count(REQUEST, card, canvas=canvas, parts=(Text("no"),)).image_output == 0


def test_imagen_has_no_image_tokens_but_counts_images() -> None:
    card = CARDS["imagen-4.0-generate-001"]
    used = count(REQUEST, card, canvas=card.canvas("9:16", "2K"), parts=(DRAWN,))
    assert (used.image_output, used.images) == (0, 1)


def test_a_picture_that_was_refused_is_not_charged() -> None:
    """Its tokens may be told all the same; text and thoughts are charged."""
    card = CARDS["gemini-3-pro-image"]
    refused = Usage(prompt_text=4, text_output=7, image_output=1120, thoughts=9)
    assert told(refused, card, image_size="1K") == Usage(prompt_text=4, text_output=7, thoughts=9)
    drawn = Usage(prompt_text=4, image_output=1120, images=1)
    assert told(drawn, card, image_size="1K") == drawn
