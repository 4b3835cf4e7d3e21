"""No body, however broken, may come out as anything but a request or INVALID_ARGUMENT."""

import copy
import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.errors import Code, EngineError, PisangError, RequestError
from pisang.core.request import GenerateRequest
from pisang.wire import faults
from pisang.wire.gemini import request, response, tokens

DATA = Path(__file__).resolve().parents[2] / "data" / "gemini"
BODY = json.loads((DATA / "request.json").read_bytes())
ANSWER = json.loads((DATA / "answer.json").read_bytes())
MODEL = "gemini-3.1-flash-image"

STRANGE: list[Any] = [
    None, True, False, 0, -1, 1, 2, 1.5, 1e308, 10**25, "", "x", "0", "NaN", "-__-", "🍌" * 9,
    [], [[]], [None], [1], ["x"], {}, {"": ""}, {"text": "x"}, {"text": {}}, {"parts": []},
    {"inlineData": {"data": "A"}}, {"a": {"b": {"c": [{}]}}}, {"_": 1, "__": 2, "a_": 3},
]  # fmt: skip


def outcome(read: Callable[[bytes], object], body: bytes) -> PisangError | None:
    """The error that reading raised; anything but a ``PisangError`` fails the test by itself."""
    try:
        read(body)
    except PisangError as error:
        return error
    return None


def survives(read: Callable[[bytes], object], body: bytes) -> None:
    """An error must be the caller's, INVALID_ARGUMENT, with an envelope that is JSON."""
    error = outcome(read, body)
    if error is not None:
        assert error.code is Code.INVALID_ARGUMENT
        assert isinstance(error, RequestError)
        assert error.message
        json.dumps(faults.google(error)[1])


def decode(body: bytes) -> GenerateRequest:
    return request.decode(body, model=MODEL)


def count(body: bytes) -> GenerateRequest:
    return tokens.decode(body, model=MODEL)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key inside a JSON value."""
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def mutated(value: Any, chance: random.Random) -> Any:
    """A copy with one to three members replaced, removed, renamed, doubled or moved."""
    value = copy.deepcopy(value)
    for _ in range(chance.randint(1, 3)):
        spots = list(places(value))
        if not spots:
            return value
        holder, key = chance.choice(spots)
        match chance.randrange(5):
            case 0 | 1:
                holder[key] = copy.deepcopy(chance.choice(STRANGE))
            case 2:
                del holder[key]
            case 3 if isinstance(holder, dict):
                holder[chance.choice([*BODY, "text", "data", "inline_data", "x"])] = holder[key]
            case 3:
                holder.append(holder[key])
            case _:
                other, place = chance.choice(spots)
                if isinstance(other, dict) or place in range(len(other)):
                    other[place] = copy.deepcopy(holder[key])
    return value


def test_every_type_at_every_place() -> None:
    for index, _ in enumerate(places(BODY)):
        for strange in STRANGE:
            body = copy.deepcopy(BODY)
            holder, key = list(places(body))[index]
            holder[key] = strange
            survives(decode, json.dumps(body).encode())


def test_every_truncation() -> None:
    body = json.dumps(BODY).encode()
    for end in range(len(body)):
        survives(decode, body[:end])


@given(st.randoms(use_true_random=False))
def test_mutations_of_a_good_body(chance: random.Random) -> None:
    body = json.dumps(mutated(BODY, chance)).encode()
    survives(decode, body)
    survives(count, body)


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    survives(decode, body)


@given(st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    body = bytearray(json.dumps(BODY, ensure_ascii=False).encode())
    for at in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=4)):
        body[at] = data.draw(st.integers(0, 255))
    survives(decode, bytes(body))


@given(st.randoms(use_true_random=False))
def test_a_broken_answer_is_the_engines_failure(chance: random.Random) -> None:
    broken(json.dumps(mutated(ANSWER, chance)).encode())


def broken(body: bytes) -> None:
    error = outcome(response.decode, body)
    assert error is None or isinstance(error, EngineError), error


@pytest.mark.long
def test_a_hundred_thousand_mutations() -> None:
    plain = json.dumps(BODY, ensure_ascii=False).encode()
    for seed in range(100_000):
        chance = random.Random(seed)
        body = bytearray(json.dumps(mutated(BODY, chance)).encode())
        survives(decode, bytes(body))
        flipped = bytearray(plain)
        for _ in range(chance.randint(1, 6)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        survives(decode, bytes(flipped))
        broken(json.dumps(mutated(ANSWER, chance)).encode())


@pytest.mark.parametrize(
    "item",
    [b'{"parts":[]}', b'{"parts":[{"text":1}]}', b'{"parts":[{"text":"x","y":1}]}', b"1", b"null"],
)
def test_very_many_errors_take_time_in_proportion(item: bytes) -> None:
    body = b'{"contents":[' + b",".join([item] * 60_000) + b"]}"
    begun = time.process_time()
    survives(decode, body)
    assert time.process_time() - begun < 10
