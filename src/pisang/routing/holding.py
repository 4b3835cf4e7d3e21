"""Holds an answer back until its first content is there, so that it can still come from elsewhere.

Headers of status 200 promise nothing: what follows may be an error in an envelope, a sign-in page,
or silence. Whatever goes wrong before the first content is a failed attempt like any other; what
was held is then handed on unchanged.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

from pisang.core.events import Event, Started, stop
from pisang.core.upstream import Broken, Dialect, Original, Symptom
from pisang.engines.base import Passing, UpstreamFault
from pisang.wire.taps import Tap, Tapped

_MOST: Final = 4 * 2**20  # bytes: an answer this long has content, even if the tap knows none of it
_MOST_OF_AN_ERROR: Final = 2**20
_DETAILS: Final = {
    Broken.CUT: "The answer ended before its first content.",
    Broken.GARBLED: "That is no answer.",
    Broken.EMPTY: "The answer is a success with nothing in it.",
}


async def held(passing: Passing, tap: Tap, *, dialect: Dialect) -> list[bytes]:
    """Reads an answer until its first content is there. What was read, and shown to the tap, comes
    back; the rest is still in ``passing.chunks``, which are the caller's to close.

    Raises ``UpstreamFault`` for an error in place of an answer, and for an answer that is none.
    """
    chunks = passing.chunks
    beginning: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            beginning.append(chunk)
            size += len(chunk)
            tap.feed(chunk)
            if tap.begun or size > _MOST:
                break
            if tap.error is not None:
                raise UpstreamFault(_error_in_place(tap.error, passing, dialect))
        else:
            seen = tap.close()
            if tap.error is not None:
                raise UpstreamFault(_error_in_place(tap.error, passing, dialect))
            if trouble := _trouble(tap, seen, dialect):
                raise UpstreamFault(_no_answer(b"".join(beginning), passing, dialect, trouble))
    except BaseException:
        await chunks.aclose()
        raise
    return beginning


async def first_content(events: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
    """The same events, once there is more than ``Started`` of them. Raises what they raise."""
    return await _held(events, lambda event: not isinstance(event, Started))


async def first_event(events: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
    """The same events, once there is one: an engine of ours says by it that it took the work."""
    return await _held(events, lambda _: True)


async def _held(
    events: AsyncIterator[Event], enough: Callable[[Event], bool]
) -> AsyncGenerator[Event, None]:
    beginning: list[Event] = []
    try:
        async for event in events:
            beginning.append(event)
            if enough(event):
                break
    except BaseException:
        await stop(events)
        raise
    told = _told_again(beginning, events)
    await anext(told)  # begins it
    return told


async def _told_again(
    beginning: list[Event], events: AsyncIterator[Event]
) -> AsyncGenerator[Event, None]:
    try:
        # ``_held`` takes this one: a generator that was never begun, when it is closed, stops
        # nothing.
        yield beginning[0] if beginning else Started("")
        for event in beginning:
            yield event
        async for event in events:
            yield event
    finally:
        await stop(events)


def _error_in_place(error: Original, passing: Passing, dialect: Dialect) -> Symptom:
    """The error as if it had come with its own status, as it does where nothing was sent yet."""
    return Symptom(
        dialect=dialect,
        status=error.status,
        headers={**passing.headers, "content-type": error.media_type},
        body=passing.hide(error.body),
        detail="An error came in an answer of status 200.",
    )


def _trouble(tap: Tap, seen: Tapped, dialect: Dialect) -> Broken | None:
    """What is wrong with an answer that ended before its first content; None for a refusal, which
    has a reason. Google always gives a reason, so what has none does not come from Google."""
    if not seen.whole:
        return Broken.CUT
    if dialect is Dialect.GEMINI:
        said = tap.begun or seen.usage or seen.reason
        return None if said and not seen.empty else Broken.GARBLED
    return Broken.EMPTY if seen.empty else None


def _no_answer(body: bytes, passing: Passing, dialect: Dialect, trouble: Broken) -> Symptom:
    """What triage is shown of an answer that is none. One that was cut counts as garbled where it
    does not even begin like JSON or a stream."""
    if trouble is Broken.CUT and body.lstrip()[:1] not in (b"{", b"[", b"d"):
        trouble = Broken.GARBLED
    return Symptom(
        dialect=dialect,
        status=200,
        headers=passing.headers,
        body=passing.hide(body[:_MOST_OF_AN_ERROR]),
        broken=trouble,
        detail=_DETAILS[trouble],
    )
