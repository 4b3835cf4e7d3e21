"""What may stand in the header, what may not, and how often it strikes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisang.core.errors import UnsupportedParameter
from pisang.faults.catalogue import ALSO, FAULTS, told
from pisang.faults.order import Turns, read


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_ordered_by_its_name(name: str) -> None:
    order = read(name)

    assert [one.fault for one in order.chosen] == [FAULTS[name]]
    assert order.name == name
    assert told(FAULTS[name])["name"] == name


def test_an_order_has_numbers_several_faults_and_a_share() -> None:
    order = read("RPM=2.5, slow-first-byte = 3;times=2")

    assert order.name == "rpm=2.5,slow-first-byte=3"
    assert order.times == 2
    assert order.error is FAULTS["rpm"]
    assert order.value(FAULTS["rpm"]) == 2.5
    assert read("several-images").value(FAULTS["several-images"]) == 3
    assert read(order.name).chosen == order.chosen
    assert read("no-image;rate=0.25").rate == 0.25


@pytest.mark.parametrize(
    ("text", "name"),
    [("NO_IMAGE", "no-image"), ("Image_Safety", "image-safety"), *ALSO.items()],
)
def test_a_fault_has_the_names_that_people_try_first(text: str, name: str) -> None:
    assert read(text).name == name


@pytest.mark.parametrize("text", ["", "none", " None "])
def test_no_fault_is_an_order_too(text: str) -> None:
    assert read(text).chosen == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("overlod", "Did you mean overloaded"),
        ("nothing-like-it", "There is no fault 'nothing-like-it'. `pisang faults`"),
        ("no-image=2", "no-image takes no number"),
        ("several-images=1", "from 2 to 10"),
        ("slow-body=99999", "from 0 to 3600"),
        ("slow-body=-1", "not possible"),
        ("slow-body=", "not possible"),
        ("slow-body=nan", "not possible"),
        ("no-image,rpm", "both no-image and rpm"),
        ("rpm;times=0", "means nothing"),
        ("rpm;times=1.5", "means nothing"),
        ("rpm;rate=2", "means nothing"),
        ("rpm;sometimes", "means nothing"),
        ("rpm,", "There is no fault ''"),
        (",".join(["slow-body"] * 11), "at most 10"),
    ],
)
def test_what_is_no_order_is_refused_with_a_cure(text: str, why: str) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        read(text)

    assert why in caught.value.message
    assert "`pisang faults`" in caught.value.message
    assert caught.value.field == "x-pisang-fault"


@settings(deadline=None)  # a busy machine is no defect
@given(st.text(max_size=60) | st.text(alphabet="rpmslow-bdy=;,.0123456789ties ", max_size=40))
def test_any_text_is_an_order_or_refused(text: str) -> None:
    try:
        order = read(text)
    except UnsupportedParameter:
        return
    assert read(order.name).chosen == order.chosen


def strikes(text: str, count: int, *, turns: Turns | None = None, key: str = "k") -> list[bool]:
    turns = turns or Turns()
    return [turns.strikes(key, text, read(text)) for _ in range(count)]


def test_so_many_times_and_then_once_not() -> None:
    assert strikes("rpm;times=2", 6) == [True, True, False, True, True, False]


def test_a_rate_is_exact() -> None:
    assert sum(strikes("rpm;rate=0.3", 10)) == 3
    assert sum(strikes("rpm;rate=0.3", 100)) == 30
    assert strikes("rpm;rate=0.5", 4) == [False, True, False, True]


def test_keys_and_orders_are_counted_apart_and_forgotten_in_the_end() -> None:
    turns = Turns(most=2)

    assert strikes("rpm;times=1", 1, turns=turns, key="a") == [True]
    assert strikes("rpm;times=1", 1, turns=turns, key="b") == [True]
    assert strikes("rpd;times=1", 1, turns=turns, key="c") == [True]  # a is forgotten
    assert strikes("rpm;times=1", 1, turns=turns, key="b") == [False]
    assert strikes("rpm;times=1", 1, turns=turns, key="a") == [True]
