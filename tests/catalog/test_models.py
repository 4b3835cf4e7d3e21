import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import Resolution, Surface, catalog
from pisang.core.errors import ModelNotFound

TODAY = date(2026, 11, 21)
LIVING = [card.id for card in catalog().living(TODAY)]
NAMES = sorted(catalog().names)


def helpful(asked: str, today: date = TODAY, method: str = "generateContent") -> Resolution:
    return catalog().resolve(asked, strict=False, today=today, method=method)


def refusal(
    asked: str, *, strict: bool, today: date = TODAY, method: str = "generateContent"
) -> str:
    with pytest.raises(ModelNotFound) as caught:
        catalog().resolve(asked, strict=strict, today=today, method=method)
    return caught.value.message


@pytest.mark.parametrize("model", LIVING)
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "form", ["{}", "models/{}", "publishers/google/models/{}", "{}@default", "{}@001"]
)
def test_a_living_id_is_found_in_every_spelling_without_a_notice(
    model: str, strict: bool, form: str
) -> None:
    found = catalog().resolve(form.format(model), strict=strict, today=TODAY)
    assert (found.card.id, found.notice) == (model, None)
    assert found.asked == form.format(model)


@pytest.mark.parametrize(
    ("asked", "served", "notice"),
    [
        (
            "gemini-3-pro-image-preview",
            "gemini-3-pro-image",
            "models/gemini-3-pro-image-preview was shut down on 2026-06-25; "
            "served by models/gemini-3-pro-image.",
        ),
        ("gemini-3.1-flash-image-preview", "gemini-3.1-flash-image", "on 2026-06-25"),
        ("gemini-2.5-flash-image-preview", "gemini-2.5-flash-image", "on 2026-01-15"),
        ("nano-banana-pro-preview", "gemini-3-pro-image", "on 2026-06-25"),
        ("nano-banana", "gemini-2.5-flash-image", "is not an id of Google's"),
        ("nano-banana-2", "gemini-3.1-flash-image", "is not an id of Google's"),
        ("nano-banana-2-lite", "gemini-3.1-flash-lite-image", "is not an id of Google's"),
        ("nano-banana-pro", "gemini-3-pro-image", "is not an id of Google's"),
        ("nano-banana-2.1", "gemini-nano-banana-2.1", "is not an id of Google's"),
        ("gemini-2.0-flash-exp-image-generation", "gemini-2.5-flash-image", "on 2025-11-14"),
        ("gemini-2.0-flash-preview-image-generation", "gemini-2.5-flash-image", "on 2025-11-14"),
        ("imagen-4.0-generate-001", "gemini-nano-banana-2.1", "on 2026-08-17"),
        ("imagen-4.0-ultra-generate-001", "gemini-3-pro-image", "on 2026-08-17"),
        ("imagen-4.0-fast-generate-001", "gemini-3.1-flash-lite-image", "on 2026-08-17"),
        ("imagen-3.0-generate-002", "gemini-nano-banana-2.1", "before 2026-08-17"),
        ("imagen-3.0-capability-001", "gemini-3-pro-image", "on 2026-06-30"),
        ("imagegeneration@006", "gemini-nano-banana-2.1", "on 2025-09-24"),
        ("imagegeneration@002", "gemini-nano-banana-2.1", "on 2025-09-24"),
    ],
)
def test_helpful_serves_dead_and_other_names_and_says_so(
    asked: str, served: str, notice: str
) -> None:
    found = helpful(f"models/{asked}")
    assert found.card.id == served
    assert found.notice is not None
    assert notice in found.notice
    assert found.notice.startswith(f"models/{asked} ")
    assert found.notice.endswith(f"; served by models/{served}.")


@pytest.mark.parametrize("asked", ["imagegeneration", "imagegeneration@default"])
def test_a_model_known_by_its_versions_only_means_the_newest(asked: str) -> None:
    card = catalog().get(asked)
    assert card is not None
    assert card.id == "imagegeneration@006"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            "gemini-3-pro-image-preview",
            "Model models/gemini-3-pro-image-preview was shut down on 2026-06-25; "
            "use models/gemini-3-pro-image.",
        ),
        (
            "imagen-4.0-generate-001",
            "Model models/imagen-4.0-generate-001 was shut down on 2026-08-17; "
            "use models/gemini-nano-banana-2.1.",
        ),
        (
            "nano-banana",
            "models/nano-banana is not found for API version v1beta, or is not supported for "
            "generateContent. Call ModelService.ListModels to see the list of available models "
            "and their supported methods. Did you mean models/gemini-2.5-flash-image?",
        ),
    ],
)
def test_strict_answers_as_google_does(asked: str, text: str) -> None:
    assert refusal(asked, strict=True) == text


@pytest.mark.parametrize("strict", [True, False])
def test_an_unknown_id_is_answered_with_googles_sentence_and_near_misses(strict: bool) -> None:
    text = refusal("models/gemini-3-pro-imgae", strict=strict)
    assert text.startswith("models/gemini-3-pro-imgae is not found for API version v1beta, or is ")
    assert "Did you mean models/gemini-3-pro-image or " in text


def test_a_near_miss_of_a_dead_id_names_its_living_successor() -> None:
    text = refusal("imagen-4.0-ultra-generate-01", strict=False)
    assert "models/gemini-3-pro-image" in text
    assert "Did you mean models/imagen" not in text


def test_tuned_models_are_not_served() -> None:
    assert refusal("tunedModels/mine", strict=False).startswith("tunedModels/mine is not found")


def test_announced_shutdowns_take_effect_by_themselves() -> None:
    asked = "gemini-2.5-flash-image"
    assert helpful(asked, date(2027, 3, 14)).notice is None
    after = helpful(asked, date(2027, 3, 15))
    assert after.card.id == "gemini-nano-banana-2.1"
    assert after.notice is not None
    assert "was shut down on 2027-03-15" in after.notice
    assert "use models/gemini-nano-banana-2.1" in refusal(
        asked, strict=True, today=date(2027, 3, 15)
    )


def test_the_line_of_successors_is_walked_to_a_living_one() -> None:
    found = helpful("gemini-2.0-flash-exp-image-generation", date(2027, 4, 1))
    assert found.card.id == "gemini-nano-banana-2.1"
    assert helpful("nano-banana", date(2027, 4, 1)).card.id == "gemini-nano-banana-2.1"


def test_vertex_has_its_own_dates() -> None:
    day = date(2027, 5, 28)
    asked = "gemini-3.1-flash-image"
    assert catalog().resolve(asked, strict=True, today=day).card.id == asked
    sentence = rf"Publisher Model `publishers/google/models/{asked}` was not found"
    with pytest.raises(ModelNotFound, match=sentence):
        catalog().resolve(asked, strict=True, today=day, surface="vertex")
    parent = "projects/p/locations/global"
    with pytest.raises(ModelNotFound, match=rf"`{parent}/publishers/google/models/gemini-3-pro-"):
        catalog().resolve(
            "gemini-3-pro-image", strict=True, today=day, surface="vertex", parent=parent
        )


def test_predict_of_a_dead_imagen_is_emulated_by_its_own_card() -> None:
    found = helpful("imagen-4.0-generate-001", method="predict")
    assert found.card.id == "imagen-4.0-generate-001"
    assert found.notice is not None
    assert "emulated" in found.notice


def test_a_method_the_model_does_not_have_is_not_found() -> None:
    assert "not supported for predict" in refusal(
        "gemini-3-pro-image", strict=False, method="predict"
    )
    assert "not supported for generateContent" in refusal("virtual-try-on-001", strict=False)


def test_every_dead_card_but_those_without_heirs_is_served_by_a_living_gemini_model() -> None:
    for card in catalog().cards.values():
        if card.is_dead(TODAY):
            assert helpful(card.id).card.id in LIVING


def test_google_lists_the_living_gemini_models() -> None:
    assert LIVING == [
        "gemini-nano-banana-2.1",
        "gemini-3.1-flash-image",
        "gemini-3.1-flash-lite-image",
        "gemini-3-pro-image",
        "gemini-2.5-flash-image",
    ]


def test_no_name_belongs_to_two_models() -> None:
    cards = catalog().cards.values()
    names = [name for card in cards for name in (card.id, *card.aliases, *card.gateway_aliases)]
    assert len(names) == len(set(names)) == len(catalog().names)


@given(
    asked=st.one_of(
        st.text(max_size=300),
        st.sampled_from(NAMES)
        .flatmap(
            lambda name: st.tuples(
                st.sampled_from(["", "models/", "x"]), st.just(name), st.text(max_size=4)
            )
        )
        .map("".join),
    ),
    strict=st.booleans(),
    today=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    surface=st.sampled_from(["gemini_api", "vertex"]),
    method=st.sampled_from(["generateContent", "predict", "countTokens"]),
)
def test_any_string_is_resolved_or_not_found(
    asked: str, strict: bool, today: date, surface: Surface, method: str
) -> None:
    found: Resolution | None = None
    with contextlib.suppress(ModelNotFound):
        found = catalog().resolve(asked, strict=strict, today=today, surface=surface, method=method)
    if found and method != "predict":
        assert not found.card.is_dead(today, surface)


@given(asked=st.text(min_size=200))
def test_a_long_string_is_not_echoed_whole(asked: str) -> None:
    assert len(refusal(asked, strict=False)) < 500
