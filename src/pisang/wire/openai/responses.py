"""``POST /v1/responses``: what a client of OpenAI's Responses asks for, read into a request.

A response is made by a text model that calls the tool ``image_generation``. Here the image model
answers by itself, with or without that tool in the list; the tool says how the picture should be.
Which model draws: the tool's own ``model``, else the response's; where that is a text model of
OpenAI's, the default image model, and a header says so (docs/decisions/0016-openai-chat.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pisang.catalog.models import Card, Resolution
from pisang.core.content import Content, Part, Role
from pisang.core.errors import ModelNotFound
from pisang.core.request import GenerateRequest, Modality, Thinking
from pisang.wire.openai import stored
from pisang.wire.openai.chat import EFFORTS, read_sampling, read_tier, refuse_wishes, settled
from pisang.wire.openai.image_tool import (
    TOOL,
    Picture,
    read_choice,
    read_mask,
    read_picture,
    read_tools,
)
from pisang.wire.openai.response_items import Known, Said, read_input
from pisang.wire.openai.schema import Parameters, WrongParameter, missing
from pisang.wire.payload import Written

_MOST_METADATA: Final = 16

Find = Callable[[str | None], Resolution]
"""The model for a name, or the default one for None; raises ``ModelNotFound``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRequest:
    """One call. The last ``new`` contents of the request are those of this call; the others are of
    the stored responses that it continues. ``echo`` are the fields that the answer repeats."""

    request: GenerateRequest
    found: Resolution
    new: int
    system: tuple[Part, ...] = ()
    previous: str | None = None
    stream: bool = False
    store: bool = True
    picture: Picture = field(default_factory=Picture)
    echo: Mapping[str, Written] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


def decode(
    tree: dict[str, object],
    *,
    find: Find,
    lenient: bool = True,
    before: Sequence[bytes] = (),
    known: Known | None = None,
    deadline: float | None = None,
) -> ResponseRequest:
    """Reads a parsed body. ``before`` are the stored exchanges that it continues, oldest first;
    ``lenient`` lets a picture be drawn for a text model's name.

    Raises ``WrongParameter``, and what ``find`` raises.
    """
    root = Parameters(tree)
    _refuse_what_is_not_here(root)
    tool, tools = read_tools(root)
    found = _find_model(root, tool, find, lenient=lenient)
    said = _read_said(root, before, known or {})
    instructions, choice = root.text("instructions"), read_choice(root)
    image, picture, previews = read_picture(tool, root, found.card)
    edit = read_mask(tool, said)
    request = GenerateRequest(
        model=found.card.id,
        contents=tuple(said.contents),
        system_instruction=_system(instructions, said.system),
        modalities=frozenset({Modality.TEXT}) if choice == "none" else frozenset(),
        image=image,
        thinking=_read_reasoning(root, found.card),
        sampling=read_sampling(root, "max_output_tokens"),
        service_tier=read_tier(root),
        edit=edit,
        previews=previews,
        deadline=deadline,
    )
    asked = ResponseRequest(
        request=request,
        found=found,
        new=len(said.contents) - said.turns,
        system=tuple(said.system[said.systems :]),
        previous=root.text("previous_response_id"),
        stream=root.flag("stream") or False,
        store=root.flag("store") is not False,
        picture=picture,
        echo={"instructions": instructions, "tools": tools, **_echo(root, request, choice)},
        places=said.places,
    )
    _refuse_unknown(root, tool)
    return asked


def _refuse_unknown(root: Parameters, tool: Parameters | None) -> None:
    """Refuses what nobody took of the tool, as OpenAI does; of the body only what looks like a
    wish about the picture."""
    if tool is not None:
        tool.close()
    refuse_wishes(root)


def _echo(root: Parameters, request: GenerateRequest, choice: str) -> dict[str, Written]:
    """What the answer repeats, most of which nobody here needs."""
    sampling, thinking = request.sampling, request.thinking
    return {
        "max_output_tokens": sampling.max_output_tokens,
        "reasoning": {
            "effort": thinking.level.value.lower() if thinking.level else None,
            "summary": "auto" if thinking.include_thoughts else None,
        },
        "tool_choice": {"type": TOOL} if choice == TOOL else choice,
        "metadata": _read_metadata(root),
        "parallel_tool_calls": root.flag("parallel_tool_calls") is not False,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "truncation": root.choice("truncation", ("auto", "disabled")) or "disabled",
        "user": root.text("user"),
    }


def _system(instructions: str | None, said: Sequence[Part]) -> Content | None:
    """``instructions`` are of this call only; what system messages said stays said."""
    parts = (*([Part(text=instructions)] if instructions else []), *said)
    return Content(Role.USER, parts) if parts else None


def _read_said(root: Parameters, before: Sequence[bytes], known: Known) -> Said:
    """The conversation: what was stored, then ``input``, which must say something."""
    said = stored.said_in(before)
    said.seal()
    read_input(root, said, known)
    if len(said.contents) == said.turns:
        raise WrongParameter(
            "Invalid 'input': it says nothing. Write what the picture should show.",
            param="input",
            code="empty_string",
        )
    said.end_with_user()
    return said


def _find_model(
    root: Parameters, tool: Parameters | None, find: Find, *, lenient: bool
) -> Resolution:
    own = tool.text("model") if tool else None
    asked = root.text("model")
    if own:
        return find(own)
    if not asked:
        raise missing("model")
    asked = asked.strip().removeprefix("google/")
    try:
        return find(asked)
    except ModelNotFound:
        # A picture model that is none is a mistake; a text model draws with one of ours.
        if tool is None or not lenient or "image" in asked:
            raise
    found = find(None)
    notice = f"{asked} writes text; the picture is drawn by models/{found.card.id}."
    return Resolution(found.card, asked, notice)


def _read_reasoning(root: Parameters, card: Card) -> Thinking:
    fields = root.nested("reasoning")
    effort = fields.choice("effort", EFFORTS) if fields else None
    summary = fields.text("summary") or fields.text("generate_summary") if fields else None
    shown = bool(summary) and card.thinking.supported
    return settled(Thinking(include_thoughts=shown), effort, card)


def _read_metadata(root: Parameters) -> dict[str, Written]:
    fields = root.nested("metadata")
    if fields is None:
        return {}
    names = fields.rest()
    if len(names) > _MOST_METADATA:
        raise WrongParameter(
            f"Invalid 'metadata': at most {_MOST_METADATA} pairs, but got {len(names)}.",
            param="metadata",
        )
    return {name: fields.text(name) for name in names}


def _refuse_what_is_not_here(root: Parameters) -> None:
    if root.flag("background"):
        raise WrongParameter(
            "Invalid 'background': responses are not made in the background here. Leave it out, "
            "and stream if the answer takes long.",
            param="background",
            code="unsupported_parameter",
        )
    for name, instead in (
        ("conversation", "Continue with previous_response_id"),
        ("prompt", "Send the text itself as input"),
    ):
        if root.take(name) is not None:
            raise WrongParameter(
                f"Invalid '{name}': not served here. {instead}.",
                param=name,
                code="unsupported_parameter",
            )
    text = root.nested("text")
    form = text.nested("format") if text else None
    if form and (form.text("type") or "text") != "text":
        raise WrongParameter(
            "Invalid 'text.format': image models answer with pictures and text, not with JSON. "
            "Leave it out.",
            param="text.format",
            code="unsupported_parameter",
        )
