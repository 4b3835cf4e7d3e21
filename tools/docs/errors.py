"""The page of errors: the tree, one section a class, and the envelopes they are sent in."""

import json
import re
from collections.abc import Iterator

from pisang.admission import policy
from pisang.catalog.models import catalog
from pisang.core import errors
from pisang.core.errors import PisangError, SettingsError
from pisang.core.events import FinishReason
from pisang.wire import faults
from pisang.wire.gemini import request
from pisang.wire.openai import images
from pisang.wire.openai.faults import openai
from pisang.wire.openai.schema import Parameters
from tools.docs.markdown import code, fenced, prose, table

_INTRO = """\
# Errors

An error is told in the words of the API that was asked: Google's, OpenAI's, or those of a token
endpoint. Each has a sentence that says what to do next, and a *reason* that is stable: programs
should look at the reason and not at the sentence.

[In each dialect](#in-each-dialect) · [All reasons](#all-reasons) · [Examples](#examples) ·
[The tree](#the-tree) · [Finish reasons](#finish-reasons)

## In each dialect

**Google's** (Gemini API, Vertex AI, Imagen, Files, Interactions): `code` is the HTTP status,
`status` Google's word for it, `message` the sentence. Among the `details`, `ErrorInfo` has the
`reason`; `BadRequest` names the fields to blame, with their path in snake_case; `RetryInfo` says
when to try again. The domain is `pisang`, but `googleapis.com` where the reason is one of Google's
own. On Vertex AI a request without a credential is 401 `UNAUTHENTICATED`.

**OpenAI's** (`/v1/images`, `/v1/chat`, `/v1/responses` and Google's layer): `message`, `type`,
`param` (the field to blame) and `code` are OpenAI's words, `reason` is ours. The status is the one
for which OpenAI's packages have an exception: 401 for a bad key, 413 for a body that is too large.
A picture that is refused is an error there (`moderation_blocked`, or `no_image` where the prompt
asks for none), because OpenAI's image API has no finish reason; in a chat it is
`finish_reason: "content_filter"`. With the [setting](settings.md) `openai_errors = "google"` these
addresses answer as Google's layer does: a list with Google's envelope in it.

**A token endpoint's** (`/token`, `/revoke`): `error` is a word of RFC 6749 (`invalid_grant` for an
account or a signature that is not good), `error_description` the sentence.

**In a stream** an error until the first part has a status of its own. A later one is the last
event, in the form that the clients of that dialect raise.
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
_FAMILIES = (PisangError, errors.RequestError, errors.AdmissionError, errors.EngineError)
_SOURCE = re.compile(r" \(surfaces contract, section [\d.]+\)")
_OURS = (FinishReason.STOP, FinishReason.NO_IMAGE)  # what the sketch engine itself answers


def page() -> str:
    parts = [
        _INTRO,
        "## All reasons\n",
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
    return [kind for kind in faults.CLASSES if kind not in _FAMILIES]


def family(kind: type[PisangError]) -> list[type[PisangError]]:
    """The errors of the tree right below this one."""
    return [other for other in faults.CLASSES if other.__base__ is kind]


def _summary() -> str:
    rows = [
        (
            f"[{code(kind.reason)}](#{kind.__name__.lower()})",
            "none: start-up only" if kind is SettingsError else str(_status(kind)),
            "-" if kind is SettingsError else code(kind.code),
            "-" if kind is SettingsError else _of_openai(kind),
            _FAULT[kind.fault],
        )
        for kind in leaves()
    ]
    headers = ("reason", "HTTP", "status", "OpenAI: HTTP, code", "who can mend it")
    return table(headers, rows) + "\n"


def _of_openai(kind: type[PisangError]) -> str:
    """Status and ``code`` as OpenAI's clients get them; a field to blame makes a difference."""
    status, body = openai(kind(""))
    said = body["error"]
    assert isinstance(said, dict)
    return f"{status} {code(said['code'] or 'invalid_value')}"


_FAULT = {
    errors.Fault.CALLER: "the caller",
    errors.Fault.OPERATOR: "who runs the server",
    errors.Fault.UPSTREAM: "the caller, by trying again",
    errors.Fault.OURS: "pisang's authors",
}


def _status(kind: type[PisangError]) -> int:
    return faults.HTTP_STATUS[kind.code]


def _section(kind: type[PisangError]) -> str:
    doc = _SOURCE.sub("", prose(kind.__doc__ or ""))
    inner = ", ".join(f"[{k.__name__}](#{k.__name__.lower()})" for k in family(kind))
    if kind in _FAMILIES:
        return f"### {kind.__name__}\n\n{doc} The family of {inner}.\n"
    doc += f" A kind of it: {inner}." if inner else ""
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
    status, body = openai(_refused_of_openai({"prompt": "a cat", "size": "1000x600"}))
    text = json.dumps(body, indent=2, ensure_ascii=False)
    title = "Pixels that no model draws, in OpenAI's dialect"
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


def _refused_of_openai(body: dict[str, object]) -> PisangError:
    """What OpenAI's image API really says about this body."""
    card = catalog().cards["gemini-3.1-flash-image"]
    try:
        images.read_generation(Parameters(body), card=card, asked=card.id, lenient=False)
    except PisangError as error:
        return error
    raise ValueError(f"{body} is not refused any more: choose another example")


def _finish() -> str:
    reasons = sorted(FinishReason, key=lambda reason: reason not in _OURS)
    rows = [(code(reason), FINISH[reason]) for reason in reasons]
    listed = table(("finishReason", "meaning"), rows)
    return (
        "## Finish reasons\n\nA refusal is an answer: HTTP 200, `parts: []`, and one of Google's "
        "reasons. The sketch engine gives `STOP` and `NO_IMAGE`; the others are read and passed "
        "on where an answer comes from another server.\n\n" + listed
    )
