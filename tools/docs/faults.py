"""The page of faults: every fault that a server makes on demand, from the catalogue."""

import json
from collections.abc import Iterator

from pisang.faults.catalogue import FAULTS, TITLES
from pisang.faults.fault import ErrorFault, Fault, Group, Known
from pisang.faults.telling import FailedCall, google, openai, printed
from tools.docs.markdown import code, fenced, table

_INTRO = """\
# Faults

What a server does on purpose when a request has the header `x-pisang-fault: NAME`, or its project
has that fault. [How to test your app with them](../how-to/faults.md) comes first; `pisang faults`
prints this list, `pisang faults show NAME` one of them with its body.

```text
NAME                        rpm
NAME=NUMBER                 rpm=2
several at once             overloaded,slow-first-byte=3
so many times, then once    overloaded;times=2       (fails, fails, works, fails, fails, works ...)
so many of all              no-image;rate=0.3        (exactly three of ten)
as Google spells it         NO_IMAGE                 (no-image)
a status                    503                      (the commonest error that has it)
none                        none                     (where the project has a fault)
```

At most one of them may be an error, a refusal or an unusual answer; any number may happen to it on
its way. `times` and `rate` count the requests of one key with one text, in one process of the
server. They concern only addresses that make pictures.
"""

_LEADS = {
    Group.ERROR: (
        "Google's bytes on Google's surfaces; the same sentence in OpenAI's envelope for OpenAI's "
        "clients, and with a word for its `code` on Interactions. Google sends no `Retry-After`, "
        "so neither does a fault there. *Recorded* was compared with real traffic byte for byte; "
        "of *quoted* ones Google's words are known, of *guessed* ones only the status."
    ),
    Group.REFUSAL: (
        "HTTP 200 on the Gemini API and on Vertex AI, in the forms that were seen there. The other "
        "surfaces tell the same in their own words: OpenAI's image API as an error, a chat by its "
        "`finish_reason`, Interactions by `status`, Imagen by leaving the picture out."
    ),
    Group.SHAPE: (
        "Pictures are noise, as large as they were asked for and as heavy as real ones. Drafts "
        "that are thoughts are only shown where Google shows them."
    ),
    Group.TRANSPORT: "A good answer on every surface, whole or streamed, that is spoiled.",
}
_KNOWN = {Known.RECORDED: "recorded", Known.QUOTED: "quoted", Known.GUESSED: "guessed"}
_EXAMPLE = "rpm"
_MODEL = "gemini-3-pro-image"


def page() -> str:
    parts = [_INTRO]
    for group, title in TITLES.items():
        rows = [fault for fault in FAULTS.values() if fault.group is group]
        listed = _errors(rows) if group is Group.ERROR else _others(rows)
        parts.append(f"## {title}\n\n{_LEADS[group]}\n\n{listed}\n")
    return "\n".join([*parts, *_sample()])


def _errors(faults: list[Fault]) -> str:
    call = FailedCall(model="MODEL")
    rows = []
    for fault in faults:
        assert isinstance(fault, ErrorFault)
        status, body = openai(fault, call, _default(fault))
        told = body["error"]["code"] or body["error"]["type"]
        rows.append(
            (
                _name(fault),
                f"{fault.status} {code(fault.word)}" if not fault.page else str(fault.status),
                _sees(fault),
                f"{status} {code(told)}" if not fault.page else str(fault.status),
                _KNOWN[fault.known],
            )
        )
    headers = ("fault", "HTTP, status", "what a caller sees", "OpenAI: HTTP, code", "words")
    return table(headers, rows)


def _others(faults: list[Fault]) -> str:
    rows = [(_name(fault), _sees(fault)) for fault in faults]
    return table(("fault", "what a caller sees"), rows)


def _name(fault: Fault) -> str:
    return code(f"{fault.name}[=N]" if fault.argument else fault.name)


def _sees(fault: Fault) -> str:
    if fault.argument is None:
        return fault.sees
    default = fault.argument.default
    usual = "" if default is None else f" ({default:.3g} where it is left out)"
    return f"{fault.sees}; `N`: {fault.argument.unit}{usual}"


def _default(fault: Fault) -> float | None:
    return fault.argument.default if fault.argument else None


def _sample() -> Iterator[str]:
    fault = FAULTS[_EXAMPLE]
    assert isinstance(fault, ErrorFault)
    call, value = FailedCall(model=_MODEL), 2.0
    yield f"## An example\n\n`{_EXAMPLE}=2` on the Gemini API, byte for byte: HTTP {fault.status}\n"
    yield fenced(printed(google(fault, call, value)).decode(), "json") + "\n"
    status, body = openai(fault, call, value)
    yield f"The same for OpenAI's clients, with `Retry-After: 2`: HTTP {status}\n"
    yield fenced(json.dumps(body, indent=2, ensure_ascii=False), "json") + "\n"
