"""What an error answer says, in whichever dialect it is: the facts that triage needs, as one value.

Upstreams complain in many shapes: Google's envelope, alone or in a list, with words or numbers for
codes; OpenAI's; a relay's, with another's envelope inside its message; a web framework's; a proxy's
HTML. All may be cut off. Reading one never fails: what cannot be read is simply not said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json

from pisang.core.errors import Code
from pisang.wire.faults import HTTP_STATUS

_MOST: Final = 64 * 1024  # of a body that nobody wrote for us; real complaints have a few KiB
_DEEPEST: Final = 3  # envelopes inside of messages
_LONGEST: Final = 4000
_SERVER_SENT: Final = re.compile(rb"\s*(?:event:[^\n]*\n)?data:")
_ZERO: Final = re.compile(r"\blimit: 0(?![\d.])")


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit that was told to be used up; ``value`` is how high it is, as it was written."""

    id: str
    metric: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """``message`` is the innermost sentence, ``codes`` are all words that machines read (status,
    reasons, types and codes, in lower case). ``status`` is the HTTP status that the body names.
    ``page`` is whether the body is no JSON at all: mostly HTML. ``zero`` is whether the limit that
    was met is none: nothing is ever let through."""

    message: str = ""
    codes: frozenset[str] = frozenset()
    status: int | None = None
    quotas: tuple[Quota, ...] = ()
    retry_delay: str = ""
    page: bool = False
    envelope: bool = False

    @property
    def zero(self) -> bool:
        return any(quota.value == "0" for quota in self.quotas) or bool(_ZERO.search(self.message))


def read(body: bytes, status: int | None = None) -> Complaint:
    """Reads the body of an answer that is none, and came with this HTTP status."""
    tree = _tree(body[:_MOST])
    if tree is None:
        return Complaint(message=_text(body), page=bool(body.strip()))
    errors = list(_errors(tree, 0, blamed=status is not None and 400 <= status < 429))
    if not errors:
        return Complaint(message=_bare(tree))
    details = [row for error in errors for row in _rows(error.get("details"))]
    return Complaint(
        message=next((said for error in reversed(errors) if (said := _message(error))), ""),
        codes=frozenset(_codes(errors, details)),
        status=next((s for error in reversed(errors) if (s := _status(error))), None),
        quotas=tuple(_quotas(details)) or tuple(_limits(details)),
        retry_delay=next((d for row in details if isinstance(d := row.get("retryDelay"), str)), ""),
        envelope=True,
    )


def _tree(body: bytes) -> object:
    body = _SERVER_SENT.sub(b"", body, count=1).strip()
    if not body.startswith((b"{", b"[")):
        return None
    for form in (body, body.decode("utf-8", "replace")):
        try:
            return from_json(form, allow_partial="trailing-strings")
        except ValueError:
            continue
    return None


def _errors(tree: object, depth: int, *, blamed: bool) -> Iterator[dict[str, object]]:
    """The error objects, the outermost first. Where the request is ``blamed`` its own words may be
    in the message, so that an envelope counts only if it is the whole message."""
    if isinstance(tree, list):
        tree = next((row for row in tree if isinstance(row, dict) and "error" in row), None)
    if not isinstance(tree, dict) or depth > _DEEPEST:
        return
    error = tree.get("error")
    if isinstance(error, str):
        error = {"message": error, **{k: tree[k] for k in ("code", "message") if k in tree}}
    elif error is None and "message" in tree and ("code" in tree or "type" in tree):
        error = tree  # some relays write no envelope
    if not isinstance(error, dict):
        return
    yield error
    message = _message(error)
    start = message.find("{")
    if start >= 0 and '"error"' in message and not (blamed and message[:start].strip()):
        inner = _tree(message[start:].encode("utf-8", "replace"))
        yield from _errors(inner, depth + 1, blamed=blamed)


def _message(error: dict[str, object]) -> str:
    said = error.get("message")
    return said[:_LONGEST] if isinstance(said, str) else ""


def _bare(tree: object) -> str:
    """What frameworks say without an envelope: ``{"detail": "Not Found"}``."""
    if isinstance(tree, dict):
        for name in ("detail", "message", "msg", "title"):
            if isinstance(said := tree.get(name), str):
                return said[:_LONGEST]
    return ""


def _codes(errors: list[dict[str, object]], details: list[dict[str, object]]) -> Iterator[str]:
    said = [
        *(error.get(name) for error in errors for name in ("status", "code", "type")),
        *(row.get("reason") for row in details),
        *(row.get("reason") for error in errors for row in _rows(error.get("errors"))),
    ]
    for word in said:
        if isinstance(word, str) and 0 < len(word) <= 100:
            yield word.lower()


def _status(error: dict[str, object]) -> int | None:
    code, word = error.get("code"), error.get("status")
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) == 3:
        code = int(code)
    if isinstance(code, int) and 400 <= code < 600:
        return code
    for said in (word, code):
        if isinstance(said, str) and said.upper() in Code.__members__:
            return HTTP_STATUS[Code[said.upper()]]
    return None


def _quotas(details: list[dict[str, object]]) -> Iterator[Quota]:
    for row in details:
        for violation in _rows(row.get("violations")):
            told = [violation.get(name) for name in ("quotaId", "quotaMetric", "quotaValue")]
            name, metric, value = (v[:200] if isinstance(v, str) else "" for v in told)
            if name or metric:
                yield Quota(name, metric, value)


def _limits(details: list[dict[str, object]]) -> Iterator[Quota]:
    """The same as other services of Google Cloud's tell it, in the metadata of an ``ErrorInfo``."""
    for row in details:
        if isinstance(told := row.get("metadata"), dict):
            names = ("quota_limit", "quota_metric", "quota_limit_value")
            said = [v[:200] if isinstance(v := told.get(name), str) else "" for name in names]
            if said[0] or said[1]:
                yield Quota(*said)


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _text(body: bytes) -> str:
    """The words of a page without its tags."""
    text = body[:_LONGEST].decode("utf-8", "replace")
    return " ".join(re.sub(r"<[^<>]{0,1000}>", " ", text).split())
