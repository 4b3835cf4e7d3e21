"""Predictions as Google writes them."""

import json
from datetime import date
from typing import Any

import pytest

from pisang.catalog.models import catalog
from pisang.catalog.prices import price
from pisang.core.content import Blob
from pisang.core.errors import PictureRefused, UnsupportedParameter
from pisang.core.events import Finished, FinishReason, Image, Result, Usage
from pisang.core.money import Money
from pisang.core.request import ServiceTier
from pisang.wire.imagen.faults import rename
from pisang.wire.imagen.response import Filtered, Stored, pieces, predictions

CARD = catalog().cards["imagen-4.0-generate-001"]
PNG = Blob("image/png", b"picture")


def written(*answered: Any, **more: bool) -> dict[str, Any]:
    return dict(json.loads(b"".join(pieces(answered, card=CARD, **more))))


def ended(reason: FinishReason, message: str | None = None) -> Result:
    return Result("m", (), Finished(reason, message))


def test_pictures_addresses_and_reasons() -> None:
    answer = written(PNG, Stored("gs://b/o", "image/png"), Filtered("why"), with_reasons=True)
    assert answer == {
        "predictions": [
            {"mimeType": "image/png", "bytesBase64Encoded": "cGljdHVyZQ=="},
            {"gcsUri": "gs://b/o", "mimeType": "image/png"},
            {"raiFilteredReason": "why"},
        ]
    }
    assert written(Filtered("why"), PNG)["predictions"] == answer["predictions"][:1]
    assert written(Filtered("why")) == {}
    assert written(Filtered("why"), with_attributes=True, vertex=True) == {}


def test_a_result_is_its_picture_or_the_reason_for_none() -> None:
    drawn = Result("m", (Image(PNG),), Finished(FinishReason.STOP))
    nothing = ended(FinishReason.NO_IMAGE, "Nothing to draw.")
    reason = Filtered("Nothing to draw. Support codes: 29578790")
    assert predictions([drawn, nothing]) == [PNG, reason]


def test_a_refused_prompt_is_an_error_unless_a_picture_was_made_of_it() -> None:
    drawn = Result("m", (Image(PNG),), Finished(FinishReason.STOP))
    refused = ended(FinishReason.PROHIBITED_CONTENT)
    with pytest.raises(PictureRefused, match="89371032"):
        predictions([refused, refused])
    kept, filtered = predictions([drawn, refused])
    assert kept is PNG
    assert isinstance(filtered, Filtered)
    assert "PROHIBITED_CONTENT" in filtered.reason


def test_only_whole_names_of_ours_are_exchanged() -> None:
    told = "contents[0].parts[1].inline_data is bad; contents[0].parts[11] and discontents are not."
    error = UnsupportedParameter(told, field="contents[0].parts[1].inline_data")
    rename(error, {"contents[0].parts[1]": "instances[0].image"})
    assert error.field == "instances[0].image"
    assert str(error) == error.message
    assert error.message == (
        "instances[0].image is bad; contents[0].parts[11] and discontents are not."
    )


def test_a_picture_has_its_list_price() -> None:
    usage = Usage(prompt_text=9, images=3)
    cost = price(usage, CARD, ServiceTier.STANDARD, on=date(2026, 6, 1))
    assert cost == Money.of("0.12")


def test_the_last_of_several_pictures_is_the_answer() -> None:
    drafts = tuple(Image(Blob("image/png", data)) for data in (b"draft", b"answer"))
    result = Result("m", drafts, Finished(FinishReason.STOP))
    assert predictions([result]) == [Blob("image/png", b"answer")]
