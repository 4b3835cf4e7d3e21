"""What a caller is told of an upstream's failure: the upstream's own words, and ours beside them.

The words are put together by ``wire/faults.py``, in the dialect of the caller.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pisang.core.errors import EngineError, EngineTimeout, Fault
from pisang.core.upstream import Broken, Original, Symptom
from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Diagnosis, Kind
from pisang.wire import complaint

MOST: Final = 64 * 1024
"""Bytes of an upstream's error that a caller gets at most; what is longer is cut, and so is none
that can be read any more."""

_LONGEST_LIST: Final = 600
_LONGEST_EXCERPT: Final = 300


def error_of(
    diagnosis: Diagnosis, symptom: Symptom, *, engine: str, attempts: Iterable[object] = ()
) -> EngineError:
    """The error to raise for a failure. ``attempts`` are all that was tried, each of which can be
    written as a few words."""
    row = TABLE[diagnosis.kind]
    said = complaint.read(symptom.body, symptom.status)
    # An engine that an operator has to set right will not be well when a cooldown ends.
    wait = diagnosis.delay if diagnosis.fault is Fault.UPSTREAM else None
    words = said.message or (_quoted(symptom) if symptom.broken is Broken.EMPTY else "")
    error = (row.error or EngineError)(
        _message(diagnosis, symptom, engine, " ".join(words.split())),
        retry_after=wait,
        metadata=_metadata(diagnosis, engine, attempts),
    )
    if symptom.status is not None and symptom.body:
        status = symptom.status if symptom.status >= 300 else said.status or symptom.status
        media_type = symptom.headers.get("content-type", "")
        error.original = Original(status, media_type, symptom.body[:MOST])
    return error


def too_late(attempts: Sequence[object] = ()) -> EngineTimeout:
    """The error to raise when the caller's time is over, or ours for one request."""
    told = {"kind": Kind.TIMEOUT.value, "attempts": "; ".join(map(str, attempts))}
    return EngineTimeout(
        "Deadline expired before the image was ready. Give more time (X-Server-Timeout, or the "
        "timeout of your client), or ask for a smaller size.",
        metadata=told if attempts else {},
    )


def _message(diagnosis: Diagnosis, symptom: Symptom, engine: str, said: str) -> str:
    """For callers who cannot be given the upstream's own body."""
    status = "" if symptom.status is None else f" (HTTP {symptom.status})"
    message = f"Engine {engine}: {TABLE[diagnosis.kind].what}{status}."
    if said:
        cut = said if len(said) <= _LONGEST_EXCERPT else said[: _LONGEST_EXCERPT - 1] + "…"
        message += f' It said: "{cut}"'
    return f"{message} {diagnosis.advice}"


def _quoted(symptom: Symptom) -> str:
    """The beginning of an answer that has no message: it is an error because it is empty."""
    return symptom.body[:_LONGEST_EXCERPT].decode("utf-8", "replace")


def _metadata(diagnosis: Diagnosis, engine: str, attempts: Iterable[object]) -> Mapping[str, str]:
    tried = "; ".join(str(attempt) for attempt in attempts)
    if len(tried) > _LONGEST_LIST:
        tried = "…" + tried[1 - _LONGEST_LIST :]
    told = {
        "engine": engine,
        "kind": diagnosis.kind.value,
        "fault": diagnosis.fault.value,
        "attempts": tried,
        "quota_id": diagnosis.quota_id,
        "advice": diagnosis.advice,
    }
    return {name: value for name, value in told.items() if value}
