"""Answers and streams: what was said, kept, told again and read by Google's own types."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pisang.core.content import Blob, Role
from pisang.core.events import Citation, Finished, FinishReason, Image, Text, Thought, Usage
from pisang.wire.interactions import stored
from pisang.wire.interactions.events import Teller, event_id, place_of
from pisang.wire.interactions.response import Interaction, ended, pieces, written_usage
from pisang.wire.interactions.schema import Generation, Status
from pisang.wire.interactions.timeline import Op, Timeline, retold

sdk = pytest.importorskip(
    "google.genai._gaos.types.interactions", reason="google-genai is a development dependency"
)

WHEN = datetime(2026, 11, 21, 12, 0, 1)
SIGNATURES = st.none() | st.sampled_from([b"s", b"t"])
CITATIONS = st.lists(
    st.builds(Citation, st.just("https://x"), st.just("x"), st.just(1), st.integers(0, 3)),
    max_size=2,
).map(tuple)
SPOKEN = st.lists(
    st.builds(Thought, st.text(min_size=1, max_size=5))
    | st.builds(Text, st.text(max_size=5), SIGNATURES, CITATIONS)
    | st.builds(
        Image, st.builds(Blob, st.just("image/png"), st.binary(min_size=1, max_size=5)), SIGNATURES
    ),
    max_size=8,
)


def timeline(spoken: list[Any]) -> tuple[list[Op], list[dict[str, Any]]]:
    made, ops = Timeline(), list[Op]()
    for part in spoken:
        ops += made.add(part)
    ops += made.close()
    return ops, made.steps


def interaction(steps: list[dict[str, Any]], **more: Any) -> Interaction:
    return Interaction(
        id="v1_x",
        model="gemini-3.1-flash-image",
        status=Status.COMPLETED,
        created=WHEN,
        updated=WHEN,
        steps=steps,
        usage=written_usage(
            Usage(prompt_text=3, text_output=2, image_output=1120, thoughts=9, searches=2)
        ),
        **more,
    )


def body(shown: Interaction, generation: Generation = Generation.STEPS) -> Any:
    return json.loads(b"".join(pieces(shown, generation, stored=True, include_input=True)))


def told(ops: list[Op], generation: Generation, resume: int = -1) -> list[Any]:
    teller, shown = Teller(generation, resume=resume), interaction([])
    frames = [*teller.created(shown), *(f for op in ops for f in teller.op(op))]
    frames += teller.completed(shown)
    return [json.loads(b"".join(frame).split(b"data: ", 1)[1]) for frame in frames]


@given(SPOKEN)
def test_what_is_told_again_is_what_was_told(spoken: list[Any]) -> None:
    ops, steps = timeline(spoken)
    again = list(retold(steps))
    assert said(ops) == said(again)
    assert sum(op.length for op in ops) == sum(op.length for op in again)
    assert timeline_of(told(ops, Generation.STEPS)) == steps_of(steps)


def said(ops: list[Op]) -> list[Any]:
    """Ops with neighbouring texts joined."""
    found: list[Any] = []
    for op in ops:
        if op.text and found and found[-1][0] == op.index and isinstance(found[-1][1], str):
            found[-1] = (op.index, found[-1][1] + op.text)
        else:
            found.append((op.index, op.text) if op.text else (op.kind, op.index, op.value))
    return found


def timeline_of(events: list[Any]) -> list[Any]:
    """The steps as a reader of the stream puts them together."""
    steps: list[Any] = []
    for event in events:
        if event["event_type"] == "step.start":
            steps.append({"type": event["step"]["type"], "said": []})
        elif event["event_type"] == "step.delta":
            delta, into = event["delta"], steps[event["index"]]["said"]
            if delta["type"] == "text" and into and into[-1]["type"] == "text":
                into[-1]["text"] += delta["text"]
            else:
                into.append(delta)
    return steps


def steps_of(steps: list[Any]) -> list[Any]:
    """Kept steps in the same form, read as JSON."""
    events = told(list(retold(steps)), Generation.STEPS)
    return timeline_of(events)


@given(SPOKEN, st.sampled_from(Generation), st.data())
def test_a_stream_goes_on_exactly_where_it_was_left(
    spoken: list[Any], generation: Generation, data: st.DataObject
) -> None:
    ops, steps = timeline(spoken)
    live = told(ops, generation)
    ids = [place_of(event["event_id"]) for event in live if "event_id" in event]
    assert ids == sorted(ids)
    place = data.draw(st.sampled_from([number for number in ids if number is not None]))
    at = next(i for i, event in enumerate(live) if event.get("event_id") == event_id(place))
    rest = [e for e in live[at + 1 :] if e["event_type"] != "interaction.status_update"]
    again = told(list(retold(steps)), generation, resume=place)
    assert without_ids(again) == without_ids(rest)


def without_ids(events: list[Any]) -> list[Any]:
    found: list[Any] = []
    for event in events:
        plain = {name: value for name, value in event.items() if name != "event_id"}
        delta = plain.get("delta", {})
        if found and delta.get("type") == "text" == found[-1].get("delta", {}).get("type"):
            text = found[-1]["delta"]["text"] + delta["text"]
            found[-1] = found[-1] | {"delta": {"type": "text", "text": text}}
        else:
            found.append(plain)
    return found


@given(SPOKEN)
def test_googles_own_types_know_every_answer_and_every_event(spoken: list[Any]) -> None:
    ops, steps = timeline(spoken)
    read = sdk.Interaction.model_validate(body(interaction(steps)))
    assert [step.type for step in read.steps or []] == [step["type"] for step in steps]
    assert not list(unknown(read.model_dump()))
    events: TypeAdapter[Any] = TypeAdapter(sdk.InteractionSSEEvent)
    for event in told(ops, Generation.STEPS):
        parsed = events.validate_python(event)
        assert parsed.event_type == event["event_type"]
        assert not list(unknown(parsed.model_dump()))


def unknown(value: Any) -> Any:
    """What the SDK kept aside because it did not know it."""
    if isinstance(value, dict):
        if value.get("is_unknown"):
            yield value
        for member in value.values():
            yield from unknown(member)
    elif isinstance(value, list):
        for member in value:
            yield from unknown(member)


@given(SPOKEN)
def test_what_is_kept_comes_back_and_is_what_the_model_said(spoken: list[Any]) -> None:
    _, steps = timeline(spoken)
    asked: dict[str, Any] = {
        "type": "user_input",
        "content": [{"type": "text", "text": "draw"}],
    }
    shown = interaction(steps, input=[asked])
    kept = stored.dump(shown)
    columns = {
        "id": shown.id,
        "model": shown.model,
        "status": shown.status.value,
        "created": WHEN,
        "updated": WHEN,
        "previous_id": None,
    }
    assert body(stored.load(kept, **columns)) == body(shown)  # type: ignore[arg-type]
    first, *rest = stored.contents_of([kept])
    assert (first.role, first.text) == (Role.USER, "draw")
    parts = [part for content in rest for part in content.parts]
    assert all(content.role is Role.MODEL for content in rest)
    pictures = [part.content for part in spoken if isinstance(part, Image)]
    assert [part.blob for part in parts if part.blob] == pictures
    words = "".join(part.text for part in spoken if isinstance(part, Text))
    assert "".join(part.text or "" for part in parts) == words


def test_a_signed_picture_keeps_its_signature_in_the_record() -> None:
    spoken = [
        Thought("A plan."),
        Text("Here.", b"s"),
        Image(Blob("image/png", b"one"), b"t"),
        Image(Blob("image/png", b"two"), b"u"),
    ]
    _, steps = timeline(spoken)
    (content,) = stored.contents_of([stored.dump(interaction(steps))])
    assert [part.thought_signature for part in content.parts] == [b"s", b"t", b"u"]


def test_the_older_form_is_a_list_of_outputs() -> None:
    _, steps = timeline([Thought("P."), Text("T", b"s"), Image(Blob("image/png", b"i"), b"s")])
    old = body(interaction(steps), Generation.OUTPUTS)
    assert "steps" not in old
    assert old["outputs"] == [
        {"type": "thought", "summary": [{"type": "text", "text": "P."}], "signature": "cw=="},
        {"type": "text", "text": "T"},
        {"type": "image", "mime_type": "image/png", "data": "aQ=="},
    ]


SAID = [
    Text("Höhe: "),
    Text("300 m.", citations=(Citation("https://x", "x", 0, 5), Citation("https://y", "y"))),
    Image(Blob("image/png", b"i")),
]
ANNOTATIONS = [
    {"type": "url_citation", "url": "https://x", "title": "x", "start_index": 7, "end_index": 12},
    {"type": "url_citation", "url": "https://y", "title": "y"},
]


def test_a_source_stands_behind_bytes_of_all_that_its_text_says() -> None:
    _, steps = timeline(SAID)
    said = {"type": "text", "text": "Höhe: 300 m.", "annotations": ANNOTATIONS}
    assert body(interaction(steps))["steps"][0]["content"][0] == said
    assert body(interaction(steps), Generation.OUTPUTS)["outputs"][0] == said


def test_half_a_character_before_a_source_is_counted_as_it_is_written() -> None:
    half = Text("\ud800 300", citations=(Citation("https://x", "x", 2, 5),))
    _, steps = timeline([half])
    content = body(interaction(steps))["steps"][0]["content"][0]
    assert content["text"] == "? 300"
    source = content["annotations"][0]
    assert (source["start_index"], source["end_index"]) == (2, 5)


@pytest.mark.parametrize(
    ("generation", "kind"),
    [
        (Generation.STEPS, "text_annotation_delta"),
        (Generation.OUTPUTS, "text_annotation"),
    ],
)
def test_a_stream_tells_sources_behind_the_text_and_as_part_of_it(
    generation: Generation, kind: str
) -> None:
    ops, _ = timeline(SAID)
    deltas = [event for event in told(ops, generation) if "delta" in event]
    kinds = [event["delta"]["type"] for event in deltas]
    assert kinds == ["text", "text", kind, "image"]
    assert deltas[2]["delta"]["annotations"] == ANNOTATIONS
    assert [event["index"] for event in deltas[:3]] == [0, 0, 0]


def test_usage_counts_searches_where_there_were_any() -> None:
    counted = written_usage(Usage(searches=2))
    assert counted is not None
    assert counted["grounding_tool_count"] == [{"type": "google_search", "count": 2}]
    assert "grounding_tool_count" not in (written_usage(Usage()) or {})


def test_a_picture_with_an_asset_is_shown_by_its_link_or_inline() -> None:
    made = Timeline()
    made.add(Image(Blob("image/png", b"i")), asset="img_1")
    made.close()
    shown = interaction(made.steps)
    assert stored.assets_of(shown) == ["img_1"]
    linked = pieces(shown, Generation.STEPS, links={"img_1": "https://x/img_1"})
    (content,) = json.loads(b"".join(linked))["steps"][0]["content"]
    assert content == {"type": "image", "mime_type": "image/png", "uri": "https://x/img_1"}
    (inline,) = body(shown)["steps"][0]["content"]
    assert inline == {"type": "image", "mime_type": "image/png", "data": "aQ=="}


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (FinishReason.STOP, Status.COMPLETED),
        (FinishReason.MAX_TOKENS, Status.INCOMPLETE),
        (FinishReason.NO_IMAGE, Status.INCOMPLETE),
        (FinishReason.IMAGE_SAFETY, Status.FAILED),
        (FinishReason.PROHIBITED_CONTENT, Status.FAILED),
        (FinishReason.OTHER, Status.FAILED),
    ],
)
def test_only_a_finished_answer_is_completed(reason: FinishReason, status: Status) -> None:
    found, errors = ended(Finished(reason))
    assert found is status
    assert bool(errors) is (status is not Status.COMPLETED)


@pytest.mark.parametrize(
    "bad", ["", "7", "evt_", "evt_-1", "evt_x", "evt_\u0661", "evt_" + "9" * 40]
)
def test_an_event_id_that_is_none_names_no_place(bad: str) -> None:
    assert place_of(bad) is None
