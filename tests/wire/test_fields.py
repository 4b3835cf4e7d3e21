"""Proto-JSON habits, each by itself."""

import pytest

from pisang.core.errors import MalformedRequest, UnsupportedParameter
from pisang.core.request import UnknownField
from pisang.wire.fields import INT64, Fields, Reading, camel

COLOURS = {"RED": "red", "BLUE": "blue"}
NUMBERS = {1: "RED", 2: "BLUE"}


def open_fields(value: dict[str, object]) -> Fields:
    return Fields(value, path="outer[0]", reading=Reading())


def errors(fields: Fields) -> str:
    with pytest.raises(MalformedRequest) as caught:
        fields.reading.check()
    assert all(v.field.startswith("outer[0]") for v in caught.value.violations)
    return caught.value.message


@pytest.mark.parametrize(
    ("snake", "spelled"),
    [
        ("text", "text"),
        ("inline_data", "inlineData"),
        ("top_p", "topP"),
        ("enable_enhanced_civic_answers", "enableEnhancedCivicAnswers"),
    ],
)
def test_camel_is_the_spelling_that_google_writes(snake: str, spelled: str) -> None:
    assert camel(snake) == spelled


@pytest.mark.parametrize("name", ["mimeType", "mime_type"])
def test_both_spellings_are_read(name: str) -> None:
    assert open_fields({name: "image/png"}).text("mime_type") == "image/png"


def test_both_spellings_at_once_are_refused() -> None:
    fields = open_fields({"mimeType": "a", "mime_type": "a"})
    assert fields.text("mime_type") is None
    assert 'as "mimeType" and as "mime_type"' in errors(fields)


def test_both_spellings_are_fine_when_one_is_null() -> None:
    fields = open_fields({"mimeType": None, "mime_type": "a"})
    assert fields.text("mime_type") == "a"
    assert fields.reading.check() == ()


@pytest.mark.parametrize("value", [4, 4.0, "4", "4.0", "40e-1"])
def test_whole_numbers_come_in_many_forms(value: object) -> None:
    assert open_fields({"seed": value}).integer("seed") == 4


@pytest.mark.parametrize(
    "value",
    [True, 4.5, "four", "", " 4", "4 ", "0x4", "1e999", float("inf"), [4], {}, 2**31, 10**400,
     "9" * 30, "١"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    fields = open_fields({"seed": value})
    assert fields.integer("seed") is None
    assert "Invalid value at 'outer[0].seed' (TYPE_INT32)" in errors(fields)


def test_64_bit_numbers_come_as_text() -> None:
    assert open_fields({"size": str(2**62)}).integer("size", bounds=INT64) == 2**62


@pytest.mark.parametrize(("value", "number"), [(0.5, 0.5), ("0.5", 0.5), (1, 1.0), ("-2e1", -20.0)])
def test_numbers_come_as_text_too(value: object, number: float) -> None:
    assert open_fields({"p": value}).number("p") == number


@pytest.mark.parametrize("value", [True, "NaN", "Infinity", "1_0", [], 10**400, float("inf")])
def test_what_is_no_number_is_refused(value: object) -> None:
    fields = open_fields({"p": value})
    assert fields.number("p") is None
    assert "TYPE_FLOAT" in errors(fields)


@pytest.mark.parametrize("value", ["BLUE", "blue", "Blue", 2, 2.0, "2"])
def test_enums_come_by_name_in_any_case_or_by_number(value: object) -> None:
    fields = open_fields({"colour": value})
    assert fields.enum("colour", COLOURS, kind="Colour", numbers=NUMBERS) == "blue"


@pytest.mark.parametrize("value", [0, "0", "COLOUR_UNSPECIFIED", None])
def test_an_unspecified_enum_is_absent(value: object) -> None:
    fields = open_fields({"colour": value})
    assert fields.enum("colour", COLOURS, kind="Colour", numbers=NUMBERS) is None
    assert fields.reading.check() == ()


@pytest.mark.parametrize("value", ["GREEN", 3, -1, True, 1.5, [], {}])
def test_an_enum_outside_its_names_is_refused_with_the_names(value: object) -> None:
    fields = open_fields({"colour": value})
    assert fields.enum("colour", COLOURS, kind="Colour", numbers=NUMBERS) is None
    assert "Allowed: RED, BLUE." in errors(fields)


@pytest.mark.parametrize("value", [1, True, [], {}])
def test_text_must_be_a_string(value: object) -> None:
    fields = open_fields({"text": value})
    assert fields.text("text") is None
    assert "(TYPE_STRING)" in errors(fields)


@pytest.mark.parametrize("value", [1, "true", []])
def test_a_flag_must_be_true_or_false(value: object) -> None:
    fields = open_fields({"on": value})
    assert fields.flag("on") is None
    assert "(TYPE_BOOL)" in errors(fields)


def test_a_list_must_be_a_list_and_says_how_to_make_one() -> None:
    fields = open_fields({"parts": {"text": "x"}})
    assert fields.nested_list("parts", kind="Part") == []
    assert "put the value into [ ]" in errors(fields)


def test_a_null_inside_a_list_is_refused() -> None:
    fields = open_fields({"parts": [{}, None]})
    fields.nested_list("parts", kind="Part")
    assert "outer[0].parts[1]" in errors(fields)


def test_all_errors_are_told_at_once_and_never_more_than_twenty() -> None:
    fields = open_fields({"a": 1, "b": [1] * 50})
    fields.text("a")
    fields.texts("b")
    with pytest.raises(MalformedRequest) as caught:
        fields.reading.check()
    assert [v.field for v in caught.value.violations[:2]] == ["outer[0].a", "outer[0].b[0]"]
    assert len(caught.value.violations) == 20


def test_the_types_of_another_dialect_are_called_by_their_own_name() -> None:
    reading = Reading(types="")
    Fields({"a": 1}, path="", reading=reading).nested("a", kind="Message")
    with pytest.raises(MalformedRequest, match=r"'a' \(Message\), 1\. Send an object"):
        reading.check()


def test_what_nobody_took_is_unknown_in_the_order_it_came() -> None:
    fields = open_fields({"zeta": 1, "alpha": 2, "text": "x", "nothing": None})
    fields.text("text")
    assert fields.reading.check() == (
        UnknownField("outer[0]", "zeta"),
        UnknownField("outer[0]", "alpha"),
    )


def test_an_error_never_shows_a_whole_value() -> None:
    fields = open_fields({"seed": "x" * 5000})
    fields.integer("seed")
    assert len(errors(fields)) < 300


def test_malformed_comes_before_unsupported() -> None:
    reading = Reading()
    reading.unsupported("a", "a is not served.")
    with pytest.raises(UnsupportedParameter):
        reading.check()
    reading.blame("b", "b is wrong.")
    with pytest.raises(MalformedRequest, match="b is wrong"):
        reading.check()
