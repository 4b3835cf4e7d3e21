"""The page of errors: the tree, one section a class, and the envelopes they are sent in."""

import json
from collections.abc import Iterator

from pisang.admission import policy
from pisang.catalog.models import catalog
from pisang.core import errors
from pisang.core.errors import PisangError, SettingsError
from pisang.core.events import FinishReason
from pisang.wire import faults
from pisang.wire.gemini import request
from tools.docs.markdown import code, fenced, prose, table

_INTRO = """\
# Errors

An error answer has Google's envelope: `code` is the HTTP status, `status` Google's word for it,
`message` a sentence that says what to do next. Among the `details`, `ErrorInfo.reason` is stable:
programs should look at it and not at the sentence. `BadRequest` names the fields to blame, with
their path in snake_case; `RetryInfo` (and the header `Retry-After`) says when to try again. The
domain is `pisang`, but `googleapis.com` where the reason is one of Google's own.
"""

_REST = """\
A request that reached nobody has an envelope too: 404 with a hint for an address that almost fits,
and 405 (with `Allow`) for a method that an address does not take. What is *not* an error:
an answer without a picture is HTTP 200 with a [finish reason](#finish-reasons).
"""

FINISH: dict[FinishReason, str] = {
    FinishReason.STOP: "Done.",
    FinishReason.NO_IMAGE: "The prompt asks for no picture. The message says so; nothing is drawn.",
    FinishReason.MAX_TOKENS: "The answer reached `maxOutputTokens`.",
    FinishReason.SAFETY: "Stopped by a safety filter.",
    FinishReason.RECITATION: "Stopped because the text repeats its sources.",
    FinishReason.OTHER: "Stopped for a reason that has no word.",
    FinishReason.LANGUAGE: "The language is not supported.",
    FinishReason.BLOCKLIST: "The text holds a forbidden word.",
    FinishReason.PROHIBITED_CONTENT: "The text holds prohibited content.",
    FinishReason.SPII: "The text may hold sensitive personal data.",
    FinishReason.MALFORMED_FUNCTION_CALL: "A function call was not well formed.",
    FinishReason.IMAGE_SAFETY: "The picture was stopped by a safety filter.",
    FinishReason.IMAGE_PROHIBITED_CONTENT: "The picture holds prohibited content.",
    FinishReason.IMAGE_OTHER: "The picture could not be made, for a reason that has no word.",
    FinishReason.IMAGE_RECITATION: "The picture repeats its sources.",
}
"""Google's finish reasons in our words."""
_OURS = (FinishReason.STOP, FinishReason.NO_IMAGE)  # what the sketch engine itself answers


def page() -> str:
    parts = [
        _INTRO,
        _summary(),
        _REST,
        "## Examples\n",
        *_samples(),
        "## The tree\n",
        *(_section(kind) for kind in faults.CLASSES if kind is not PisangError),
        _finish(),
    ]
    return "\n".join(parts)


def leaves() -> list[type[PisangError]]:
    """The errors that are raised; the others are their families."""
    return [kind for kind in faults.CLASSES if not family(kind)]


def family(kind: type[PisangError]) -> list[type[PisangError]]:
    """The errors of the tree right below this one."""
    return [other for other in faults.CLASSES if other.__base__ is kind]


def _summary() -> str:
    rows = [
        (
            f"[{code(kind.reason)}](#{kind.__name__.lower()})",
            "none: start-up only" if kind is SettingsError else str(_status(kind)),
            "-" if kind is SettingsError else code(kind.code),
            _FAULT[kind.fault],
        )
        for kind in leaves()
    ]
    return table(("reason", "HTTP", "status", "who can mend it"), rows) + "\n"


_FAULT = {
    errors.Fault.CALLER: "the caller",
    errors.Fault.OPERATOR: "who runs the server",
    errors.Fault.UPSTREAM: "the caller, by trying again",
    errors.Fault.OURS: "pisang's authors",
}


def _status(kind: type[PisangError]) -> int:
    return faults.HTTP_STATUS[kind.code]


def _section(kind: type[PisangError]) -> str:
    doc = prose(kind.__doc__ or "").replace(" (surfaces contract, section 9.2)", "")
    if family(kind):
        inner = ", ".join(f"[{k.__name__}](#{k.__name__.lower()})" for k in family(kind))
        return f"### {kind.__name__}\n\n{doc} The family of {inner}.\n"
    facts = f"{code(kind.reason)}, HTTP {_status(kind)} {code(kind.code)}"
    if kind is SettingsError:
        facts = f"{code(kind.reason)}, never sent: `pisang` exits with 78"
    return f"### {kind.__name__}\n\n{facts}. {doc}\n"


def _samples() -> Iterator[str]:
    for title, error in (
        ("A size in small letters", _refused({"imageConfig": {"imageSize": "2k"}})),
        ("A name that Google does not have", _refused({"image_resolution": "4096"})),
        (
            "A key that is not valid",
            errors.InvalidKey("API key not valid. Please pass a valid API key."),
        ),
    ):
        status, body = faults.google(error)
        text = json.dumps(body, indent=2, ensure_ascii=False)
        yield f"{title}: HTTP {status}\n\n{fenced(text, 'json')}\n"


def _refused(config: dict[str, object]) -> PisangError:
    """What admission really says about a request with this ``generationConfig``."""
    body = {"contents": [{"parts": [{"text": "a cat"}]}], "generationConfig": config}
    model = "gemini-3-pro-image"
    try:
        asked = request.decode(json.dumps(body).encode(), model=model)
        policy.admit(asked, catalog().cards[model])
    except PisangError as error:
        return error
    raise ValueError(f"{config} is not refused any more: choose another example")


def _finish() -> str:
    reasons = sorted(FinishReason, key=lambda reason: reason not in _OURS)
    rows = [(code(reason), FINISH[reason]) for reason in reasons]
    listed = table(("finishReason", "meaning"), rows)
    return (
        "## Finish reasons\n\nA refusal is an answer: HTTP 200, `parts: []`, and one of Google's "
        "reasons. The sketch engine gives `STOP` and `NO_IMAGE`; the others are read and passed "
        "on where an answer comes from another server.\n\n" + listed
    )
