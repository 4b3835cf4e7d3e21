"""The Model resource and turning pages."""

import json

import pytest

from pisang.catalog.models import catalog
from pisang.core.errors import MalformedRequest
from pisang.wire.gemini import models

CARDS = list(catalog().cards.values())


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_every_card_is_a_model_with_what_sdks_read(card: models.Card) -> None:
    model = json.loads(models.encode(card))
    assert model["name"] == f"models/{card.id}"
    assert model["supportedGenerationMethods"] == list(card.methods)
    assert model["displayName"]
    assert None not in model.values()
    assert model.get("inputTokenLimit") == card.input_tokens
    assert ("temperature" in model) == (card.family == "gemini")


def test_an_alias_keeps_its_name_and_tells_its_card() -> None:
    model = json.loads(models.encode(CARDS[0], asked="nano-banana"))
    assert (model["name"], model["baseModelId"]) == ("models/nano-banana", CARDS[0].id)


@pytest.mark.parametrize("size", [1, 2, 5, 1000, 99999])
def test_pages_give_every_model_once_and_in_order(size: int) -> None:
    names, token = [], None
    for _ in range(len(CARDS) + 1):
        page = json.loads(models.encode_page(CARDS, page_size=str(size), page_token=token))
        assert len(page["models"]) <= size
        names += [model["name"] for model in page["models"]]
        token = page.get("nextPageToken")
        if token is None:
            break
    assert names == [f"models/{card.id}" for card in CARDS]


@pytest.mark.parametrize("size", [None, "", "0"])
def test_the_default_page_has_fifty(size: str | None) -> None:
    page = json.loads(models.encode_page([CARDS[0]] * 60, page_size=size))
    assert len(page["models"]) == 50


def test_a_page_stays_where_it_was_when_a_model_is_added() -> None:
    token = json.loads(models.encode_page(CARDS[1:], page_size="1"))["nextPageToken"]
    page = json.loads(models.encode_page(CARDS, page_token=token))
    assert page["models"][0]["name"] == f"models/{CARDS[2].id}"


def test_no_models_is_an_empty_list() -> None:
    assert json.loads(models.encode_page([])) == {"models": []}


@pytest.mark.parametrize("size", ["five", "-1", "1.5", "9" * 50, "٣"])
def test_a_page_size_that_is_no_number_is_refused(size: str) -> None:
    with pytest.raises(MalformedRequest, match="page_size"):
        models.encode_page(CARDS, page_size=size)


@pytest.mark.parametrize("token", ["abc", "%%%", "Z2VtaW5p", "ü"])
def test_a_token_that_we_did_not_give_is_refused(token: str) -> None:
    with pytest.raises(MalformedRequest, match="page token is not valid"):
        models.encode_page(CARDS, page_token=token)
