"""An ``Interaction`` as its body, for clients of both generations.

The older form is a view of the newer one: a thought step is one output, and each content of a model
output step is one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pisang.core.events import Finished, Usage
from pisang.wire import payload
from pisang.wire.interactions.schema import ENDS, Generation, Status
from pisang.wire.interactions.timeline import OUTPUT, THOUGHT, Step
from pisang.wire.payload import Written

NO_LINKS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One interaction, in progress or ended. Times are UTC without a zone.

    ``input`` and ``steps`` are steps as this dialect writes them; in them a picture that is
    delivered by a link has the id of its ``asset`` beside its data.
    """

    id: str
    model: str
    status: Status
    created: datetime
    updated: datetime
    tier: str = "standard"
    previous_id: str | None = None
    input: list[Step] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    usage: Step | None = None
    errors: list[Step] = field(default_factory=list)


def ended(finished: Finished) -> tuple[Status, list[Step]]:
    """How an interaction ends by what its model said at the end, and the errors that say why."""
    status = ENDS.get(finished.reason, Status.FAILED)
    if status is Status.COMPLETED:
        return status, []
    message = finished.message or f"The model stopped: {finished.reason}."
    return status, [{"code": finished.reason.value, "message": message}]


def written_usage(usage: Usage | None) -> Step | None:
    """The counts as this dialect itemises them; ``total_output_tokens`` leaves thoughts out."""
    if usage is None:
        return None
    told: Step = {
        "total_input_tokens": usage.prompt,
        "total_output_tokens": usage.candidates,
        "total_thought_tokens": usage.thoughts,
        "total_tokens": usage.total,
        "input_tokens_by_modality": _by_modality(usage.prompt_text, usage.prompt_image),
        "output_tokens_by_modality": _by_modality(usage.text_output, usage.image_output),
    }
    if usage.searches:
        told["grounding_tool_count"] = [{"type": "google_search", "count": usage.searches}]
    return told


def _by_modality(text: int, image: int) -> list[Written]:
    rows = (("text", text), ("image", image))
    return [{"modality": kind, "tokens": count} for kind, count in rows if count]


def pieces(
    shown: Interaction,
    generation: Generation,
    *,
    links: Mapping[str, str] = NO_LINKS,
    stored: bool = False,
    include_input: bool = False,
) -> list[bytes]:
    """The body of an answer in pieces; ``links`` are the addresses of assets.

    ``stored`` is the form of one that is asked for again: its steps begin with the input.
    """
    body = head(shown) | {"role": "model"}
    if generation is Generation.STEPS:
        told = [*shown.input, *shown.steps] if stored else shown.steps
        body["steps"] = [_linked_step(step, links) for step in told]
    else:
        body["outputs"] = list(_outputs(shown.steps, links))
    if include_input:
        steps = generation is Generation.STEPS
        body["input"] = list(shown.input) if steps else list(_turns(shown.input))
    if shown.errors:
        body["errors"] = list(shown.errors)
    return payload.pieces(body)


def head(shown: Interaction) -> Step:
    """All of an interaction but what was said."""
    head: Step = {
        "id": shown.id,
        "object": "interaction",
        "status": shown.status.value,
        "model": shown.model,
        "created": f"{shown.created:%Y-%m-%dT%H:%M:%SZ}",
        "updated": f"{shown.updated:%Y-%m-%dT%H:%M:%SZ}",
        "service_tier": shown.tier,
    }
    if shown.previous_id:
        head["previous_interaction_id"] = shown.previous_id
    if shown.usage is not None:
        head["usage"] = shown.usage
    return head


def _linked_step(step: Step, links: Mapping[str, str]) -> Step:
    """A step as it is shown: without the marks that are only ours."""
    contents = step.get("content")
    told = {name: value for name, value in step.items() if name != "open"}
    if isinstance(contents, list):
        told["content"] = [linked(c, links) for c in contents if isinstance(c, dict)]
    return told


def linked(content: Step, links: Mapping[str, str]) -> Step:
    """A content as it is shown: a picture that has an asset by its link, if there is one."""
    asset = content.get("asset")
    if asset is None:
        return content
    shown = {name: value for name, value in content.items() if name != "asset"}
    link = links.get(str(asset))
    if link is not None:
        del shown["data"]
        shown["uri"] = link
    return shown


def _outputs(steps: list[Step], links: Mapping[str, str]) -> Iterator[Written]:
    for step in steps:
        if step["type"] == THOUGHT:
            yield _linked_step(step, links)
        elif step["type"] == OUTPUT:
            contents = step.get("content")
            for content in contents if isinstance(contents, list) else []:
                if isinstance(content, dict):
                    yield linked(content, links)


def _turns(steps: list[Step]) -> Iterator[Written]:
    """Steps as the turns of the older generation, a thought inside the turn that it was for."""
    thoughts: list[Written] = []
    for step in steps:
        if step["type"] == THOUGHT:
            thoughts.append(step)
            continue
        contents = step.get("content")
        said = [*thoughts, *(contents if isinstance(contents, list) else [])]
        yield {"role": "model" if step["type"] == OUTPUT else "user", "content": said}
        thoughts = []
