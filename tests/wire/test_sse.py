"""Server-sent events: the one frame we write, and everything a server may send us."""

import time
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.errors import NotFound
from pisang.wire import sse
from pisang.wire.sse import EventReader, ServerEvent, frame


def read(*chunks: bytes) -> list[ServerEvent]:
    reader = EventReader()
    return [event for chunk in chunks for event in reader.feed(chunk)] + reader.close()


def test_an_event_is_one_data_line_and_a_blank_line_and_nothing_else() -> None:
    assert b"".join(frame([b'{"a":', b"1}"])) == b'data: {"a":1}\r\n\r\n'


def test_an_event_may_have_a_name() -> None:
    written = b"".join(frame([b"1"], name="response.created"))
    assert written == b"event: response.created\r\ndata: 1\r\n\r\n"
    assert read(written) == [ServerEvent(b"1", "response.created")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_ending_is_read(end: bytes) -> None:
    stream = end.join(
        [b"data: 1", b"", b": a comment", b"event: end", b"data:2", b"data: 3", b"", b""]
    )
    assert read(stream) == [ServerEvent(b"1"), ServerEvent(b"2\n3", "end")]


def test_a_mark_at_the_start_of_the_stream_is_skipped() -> None:
    assert read(b"\xef\xbb\xbfdata: 1\n\n") == [ServerEvent(b"1")]


def test_an_event_without_its_blank_line_is_read_at_the_end() -> None:
    assert read(b"data: 1\n\ndata: 2") == [ServerEvent(b"1"), ServerEvent(b"2")]


@given(
    st.lists(st.binary(min_size=1, max_size=8).map(bytes.hex), min_size=1, max_size=4),
    st.sampled_from([b"\n", b"\r", b"\r\n"]),
    st.data(),
)
def test_where_the_network_cuts_makes_no_difference(
    values: list[str], end: bytes, data: st.DataObject
) -> None:
    stream = b"".join(b"data: " + value.encode() + end + end for value in values)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [event.data.decode() for event in read(*chunks)] == values


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_any_bytes_are_read_without_an_error(chunks: list[bytes]) -> None:
    assert all(event.data is not None for event in read(*chunks))


def test_a_big_event_in_small_pieces_takes_time_in_proportion() -> None:
    reader = EventReader()
    reader.feed(b"data: ")
    begun = time.process_time()
    for _ in range(20_000):  # 20 MB; a reader that searched from the start would need minutes
        assert reader.feed(b"x" * 1000) == []
    (event,) = reader.feed(b"\n\n")
    assert len(event.data) == 20_000_000
    assert time.process_time() - begun < 5


async def _values(*said: bytes, then: Exception | None = None) -> AsyncGenerator[bytes, None]:
    for value in said:
        yield value
    if then is not None:
        raise then


async def _framed(values: AsyncGenerator[bytes, None]) -> list[bytes]:
    frames = sse.framed(
        values,
        lambda value: [b"<", value, b">"],
        failed=lambda error: [error.message.encode()],
        last=[b"end"],
    )
    return [b"".join(frame) async for frame in frames]


async def test_values_are_framed_and_the_last_frame_follows_them() -> None:
    assert await _framed(_values(b"a", b"b")) == [b"<a>", b"<b>", b"end"]


async def test_an_error_after_the_first_value_is_the_last_frame() -> None:
    broken = _values(b"a", then=NotFound("It is gone."))
    assert await _framed(broken) == [b"<a>", b"It is gone."]


async def test_an_error_before_the_first_value_is_raised() -> None:
    with pytest.raises(NotFound):
        await _framed(_values(then=NotFound("It is gone.")))


async def test_a_defect_is_no_frame() -> None:
    with pytest.raises(ZeroDivisionError):
        await _framed(_values(b"a", then=ZeroDivisionError()))


async def test_values_are_closed_where_the_reader_leaves() -> None:
    values = _values(b"a", b"b")
    frames = sse.framed(values, lambda value: [value], failed=lambda _: [])
    assert await anext(frames) == [b"a"]
    await frames.aclose()
    assert await anext(values, None) is None
