"""The page of triage: what each failure of an upstream is, how it is recognised, what to do."""

from collections.abc import Iterator, Sequence
from typing import Final

from pisang.core.errors import Fault
from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Kind, Row, Scope
from pisang.routing.signs import SIGNS, told
from pisang.routing.triage import FINISHES
from tools.docs.markdown import anchor, code, table

_INTRO: Final = """\
# Triage: what an upstream's failure means

Something upstream failed and it is late. Find the *kind*: it stands in the log (`kind=...`), in
`pisang routes list`, and in every error that a caller got, as `metadata.kind` of the `ErrorInfo`
whose domain is `pisang`.

{index}

## How to read a section

- **Who has to act:** the operator (you), the caller, or nobody: the upstream mends itself.
- **Do:** what a person should do. Callers get it too, as `metadata.advice`.
- **pisang tries:** *again* is the same key after a while, if the caller's deadline leaves time;
  *elsewhere* is another key, or the next engine of the route. Never after the caller has seen the
  beginning of a picture.
- **Left alone:** what is not asked any more, and for how long. *Out* means until you let it back in
  with `pisang routes test --server URL`.
- **Alarm:** a line of the log at level `error`, when it begins.
- **Caller pays:** for nothing, or for the tokens that the answer counts. A picture that did not
  come is never charged.
- **Caller gets:** the reason in our `ErrorInfo`. Status, message and details are the upstream's own
  where they are in Google's dialect, or in OpenAI's for callers of OpenAI's.

Three rules stand behind the table. Money is never spent on hope: who has no credit or no key that
works is taken out, and nothing asks them again by itself. A request that is itself at fault makes
no engine sick, and nobody else is asked to take what one refused for its content. An answer that
was finished is an answer, even one without a picture: whether to ask again is up to the caller.
"""

_GROUPS: Final[Sequence[tuple[str, str, Kind]]] = (
    ("Money", "Nobody pays. Waiting does not help; somebody has to.", Kind.BILLING_STOPPED),
    (
        "Limits and capacity",
        "Wait, or spread the work. Which of these it is decides whether more keys help.",
        Kind.SPENDING_RATE,
    ),
    ("Set up wrong", "The operator has to change something, here or there.", Kind.BAD_KEY),
    ("The request", "The caller has to change something.", Kind.FILE_DENIED),
    ("Broken", "Over there, or on the way.", Kind.INTERNAL),
    (
        "Answers without a picture",
        "HTTP 200 and a finish reason: no error on Google's surfaces, and never asked again by "
        "pisang itself.",
        Kind.FINISHED,
    ),
)
"""Heading, a sentence, and the first kind of each group, in the order of ``Kind``."""

_WHO: Final = {
    Fault.OPERATOR: "the operator",
    Fault.CALLER: "the caller",
    Fault.UPSTREAM: "nobody; the upstream mends itself",
}
_SHORT: Final = {Fault.OPERATOR: "operator", Fault.CALLER: "caller", Fault.UPSTREAM: "nobody"}
_PLACE: Final = {
    Scope.REQUEST: "nothing",
    Scope.MODEL: "this model with this key",
    Scope.KEY: "this key",
    Scope.ENGINE: "the whole engine",
}
_SAID: Final = frozenset(
    {Kind.RATE_DAY, Kind.RATE_MINUTE, Kind.RATE_LIMIT, Kind.SPENDING_RATE, Kind.CAPACITY}
)


def page() -> str:
    parts = [_INTRO.format(index=_index())]
    kinds = list(Kind)
    starts = [kinds.index(first) for *_, first in _GROUPS]
    for (title, line, _), start, end in zip(
        _GROUPS, starts, [*starts[1:], len(kinds)], strict=True
    ):
        parts.append(f"## {title}\n\n{line}\n")
        parts.extend(_section(kind) for kind in kinds[start:end] if kind is not Kind.FINISHED)
    parts.append(_signs())
    return "\n".join(parts)


def _index() -> str:
    """All kinds in one table, to be searched with the eyes."""
    rows = [
        (
            f"[{code(kind.value)}](#{anchor(kind.value)})",
            TABLE[kind].what,
            _SHORT[TABLE[kind].fault],
        )
        for kind in Kind
        if kind is not Kind.FINISHED
    ]
    return table(("kind", "what it is", "who has to act"), rows)


def _section(kind: Kind) -> str:
    row = TABLE[kind]
    lines = [
        f"- **Who has to act:** {_WHO[row.fault]}",
        f"- **Do:** {row.advice}",
        f"- **pisang tries:** {_tries(row)}",
        f"- **Left alone:** {_left_alone(kind, row)}",
        f"- **Alarm:** {'yes' if row.alarm else 'no'}",
        f"- **Caller pays:** {'for the tokens that are counted' if row.charged else 'nothing'}",
        f"- **Caller gets:** {_gets(kind, row)}",
    ]
    return f"### {kind.value}\n\n{_sentence(row.what)}\n\n" + "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _tries(row: Row) -> str:
    if row.error is None:
        return "nothing: the answer is handed on"
    tries = [word for word, does in (("again", row.retry), ("elsewhere", row.fail_over)) if does]
    return ", then ".join(tries) or "nothing: the error is handed on"


def _left_alone(kind: Kind, row: Row) -> str:
    place = _PLACE[row.scope]
    if row.scope is Scope.REQUEST:
        return place
    if row.out:
        return f"{place}: **out**"
    if kind is Kind.RATE_DAY:
        return f"{place}, until midnight in California (other upstreams: as they say)"
    if row.delay is not None:
        return f"{place}, for {_span(row.delay)}" + (" or as it says" if kind in _SAID else "")
    as_told = "as long as it says, or else " if kind in _SAID else ""
    return f"{place}, {as_told}only after several failures in a row"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} seconds"
    minutes = seconds / 60
    return "a minute" if minutes == 1 else f"{minutes:g} minutes"


def _gets(kind: Kind, row: Row) -> str:
    if row.error is None:
        named = ", ".join(code(reason) for reason, found in FINISHES.items() if found is kind)
        return f"the answer, with {named}" if named else "the answer, with `promptFeedback`"
    return f"[{code(row.error.reason)}](errors.md#{anchor(row.error.__name__)})"


def _signs() -> str:
    rows = [
        (f"[{code(s.kind.value)}](#{anchor(s.kind.value)})", "; ".join(_and(told(s))))
        for s in SIGNS
    ]
    listed = table(("kind", "where all of this holds"), rows)
    return f"""\
## How a kind is recognised

From top to bottom, the first that fits; capital letters make no difference. Envelopes of Google's
and of OpenAI's are read, alone, in a list, or one inside the other's message; a body that is cut
off is read as far as it goes. How long to wait is taken from `RetryInfo`, from the message ("Please
retry in 11.7s"), from `Retry-After` (seconds or a date) or `x-ratelimit-reset-*`, in this order.

{listed}
"""


def _and(conditions: Iterator[str]) -> list[str]:
    return list(conditions) or ["anything else"]
