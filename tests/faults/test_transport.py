"""What happens to an answer on its way, as steps."""

import pytest

from pisang.faults.fault import Cut, Play, Send, TransportFault, Wait
from pisang.faults.transport import TRANSPORT, play

JSON = "application/json"
STREAM = "text/event-stream"
BY_NAME = {fault.name: fault for fault in TRANSPORT}
EVENTS = [b"data: one\r\n\r\n", b"data: two\r\n\r\n", b"data: three\r\n\r\n"]


def spoilt(name: str, *, value: float = 1.0, stream: bool = False, done: bytes = b"") -> Play:
    good = play(STREAM, b"".join(EVENTS) + done) if stream else play(JSON, b"0123456789")
    return BY_NAME[name].spoil(good, value)


def sent(spoiled: Play) -> bytes:
    return b"".join(step.data for step in spoiled.steps if isinstance(step, Send))


def waited(spoiled: Play) -> float:
    return sum(step.seconds for step in spoiled.steps if isinstance(step, Wait))


def test_an_event_of_a_stream_is_a_step() -> None:
    assert play(STREAM, b"".join(EVENTS)).steps == tuple(map(Send, EVENTS))


@pytest.mark.parametrize("stream", [False, True])
def test_slow_is_slow_and_nothing_else(*, stream: bool) -> None:
    good = spoilt("wrong-content-type", stream=stream)
    first = spoilt("slow-first-byte", value=3, stream=stream)
    body = spoilt("slow-body", value=3, stream=stream)

    assert first.before == 3
    assert waited(body) == pytest.approx(3)
    assert sent(first) == sent(body) == sent(good)
    assert len(body.steps) > 5


@pytest.mark.parametrize("stream", [False, True])
def test_a_stalled_body_waits_and_never_ends(*, stream: bool) -> None:
    spoiled = spoilt("stalled-body", value=7, stream=stream)

    assert spoiled.steps[-2:] == (Wait(7), Cut())
    assert 0 < len(sent(spoiled)) < 30


def test_truncated_json_ends_as_if_it_were_whole() -> None:
    spoiled = spoilt("truncated-json")

    assert (sent(spoiled), spoiled.length) == (b"01234", None)
    assert Cut() not in spoiled.steps


def test_a_cut_connection_breaks_its_promise() -> None:
    spoiled = spoilt("cut-connection")

    assert (sent(spoiled), spoiled.length) == (b"01234", 10)
    assert spoiled.steps[-1] == Cut()


def test_a_cut_stream_ends_inside_its_last_event() -> None:
    spoiled = spoilt("cut-stream", stream=True)

    assert sent(spoiled) == EVENTS[0] + EVENTS[1] + b"data: t"
    assert spoiled.steps[-1] == Cut()
    assert spoilt("cut-stream") == spoilt("cut-connection")


@pytest.mark.parametrize("stream", [False, True])
def test_garbled_bytes_are_no_text_and_as_many(*, stream: bool) -> None:
    spoiled = spoilt("garbled-bytes", stream=stream)

    with pytest.raises(UnicodeDecodeError):
        sent(spoiled).decode()
    assert len(sent(spoiled)) == len(sent(spoilt("slow-first-byte", stream=stream)))


def test_the_last_event_comes_twice_but_not_the_mark_of_the_end() -> None:
    done = b"data: [DONE]\r\n\r\n"
    last = [*EVENTS, EVENTS[-1]]

    assert sent(spoilt("duplicated-final-chunk", stream=True)) == b"".join(last)
    assert sent(spoilt("duplicated-final-chunk", stream=True, done=done)) == b"".join(last) + done
    assert sent(spoilt("duplicated-final-chunk")) == b"0123456789"


@pytest.mark.parametrize("fault", TRANSPORT, ids=lambda fault: fault.name)
@pytest.mark.parametrize("stream", [False, True])
def test_an_empty_answer_breaks_nothing(fault: TransportFault, *, stream: bool) -> None:
    good = play(STREAM if stream else JSON, b"")

    assert sent(fault.spoil(good, 1)) == b""


def test_faults_follow_one_another() -> None:
    spoiled = BY_NAME["slow-body"].spoil(spoilt("cut-connection"), 2)

    assert waited(spoiled) == pytest.approx(2)
    assert sent(spoiled) == b"01234"
    assert spoiled.steps[-1] == Cut()
