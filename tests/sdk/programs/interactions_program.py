"""Google's Interactions API as clients of both generations use it: version 1 of google-genai reads
``outputs``, later ones ``steps``. ``generation`` in the target says which this client is."""

import base64
import time

from google import genai
from google.genai import types
from program import BAD_KEY, MODEL, NIGHT, SCENE, picture_bytes, run, size_of, told

STEPS = told()["generation"] == "steps"


def client_of(key):
    options = types.HttpOptions(base_url=told()["url"])
    if told()["mode"] == "account":
        project = told()["project"]
        return genai.Client(vertexai=True, project=project, location="global", http_options=options)
    return genai.Client(api_key=key, http_options=options)


client = client_of(told()["key"])


def contents(interaction):
    if not STEPS:
        return interaction.outputs or []
    said = [step for step in interaction.steps or [] if step.type == "model_output"]
    return [content for step in said for content in step.content]


def pictures(interaction):
    return [c for c in contents(interaction) if c.type == "image"]


def seen(interaction):
    return {
        "class": type(interaction).__name__,
        "status": interaction.status,
        "model": interaction.model,
        "sizes": [size_of(base64.b64decode(picture.data)) for picture in pictures(interaction)],
        "text": "".join(c.text for c in contents(interaction) if c.type == "text"),
        "signed": any(s.signature for s in thoughts(interaction)),
        "tokens": interaction.usage.total_tokens,
        "modalities": [m.modality for m in interaction.usage.output_tokens_by_modality],
    }


def thoughts(interaction):
    said = interaction.steps if STEPS else interaction.outputs
    return [one for one in said or [] if one.type == "thought"]


def create():
    made = client.interactions.create(model=MODEL, input=SCENE)
    if STEPS:  # what the client itself makes of the steps
        assert made.output_text
        assert made.output_image.data == pictures(made)[0].data
    return seen(made)


def form():
    config = {"image_config": {"aspect_ratio": "16:9", "image_size": "1K"}}
    old = client.interactions.create(
        model=MODEL, input="a red cube", generation_config=config, response_modalities=["image"]
    )
    form = {"type": "image", "aspect_ratio": "16:9", "mime_type": "image/jpeg"}
    new = client.interactions.create(model=MODEL, input="a red cube", response_format=form)
    return [seen(old), seen(new), pictures(new)[0].mime_type]


def edit():
    data = base64.b64encode(picture_bytes()).decode()
    said = [
        {"type": "text", "text": "Add a hat"},
        {"type": "image", "data": data, "mime_type": "image/png"},
    ]
    return seen(client.interactions.create(model=MODEL, input=said))


def continued():
    first = client.interactions.create(model=MODEL, input=SCENE)
    second = client.interactions.create(model=MODEL, input=NIGHT, previous_interaction_id=first.id)
    found = client.interactions.get(second.id)
    return [seen(first), seen(second), seen(found), found.previous_interaction_id == first.id]


def stateless():
    """The client keeps the conversation itself, and sends back what it got."""
    first = client.interactions.create(model=MODEL, input=SCENE, store=False)
    if STEPS:
        kept = [step.model_dump(mode="json", exclude_none=True) for step in first.steps]
        user = [{"type": "text", "text": SCENE}], [{"type": "text", "text": NIGHT}]
        before, now = ({"type": "user_input", "content": content} for content in user)
        said = [before, *kept, now]
    else:
        kept = [one.model_dump(mode="json", exclude_none=True) for one in first.outputs]
        said = [
            {"role": "user", "content": SCENE},
            {"role": "model", "content": kept},
            {"role": "user", "content": NIGHT},
        ]
    return seen(client.interactions.create(model=MODEL, input=said, store=False))


def stream():
    config = {"thinking_summaries": "auto"}
    events = client.interactions.create(
        model=MODEL, input="a sailboat", stream=True, generation_config=config
    )
    return followed(list(events))


def followed(events):
    deltas = [event.delta for event in events if event.event_type.endswith(".delta")]
    sizes = [size_of(base64.b64decode(d.data)) for d in deltas if d.type == "image"]
    return {
        "names": [event.event_type for event in events],
        "classes": sorted({type(event).__name__ for event in events}),
        "deltas": [delta.type for delta in deltas],
        "delta_classes": sorted({type(delta).__name__ for delta in deltas}),
        "sizes": sizes,
        "status": events[-1].interaction.status,
        "tokens": events[-1].interaction.usage.total_tokens,
    }


def resumed():
    events = list(client.interactions.create(model=MODEL, input="a sailboat", stream=True))
    begin, at = events[0].interaction.id, next(i for i, e in enumerate(events) if i > 3)
    last = next(event.event_id for event in events[at:] if event.event_id)
    rest = client.interactions.get(begin, stream=True, last_event_id=last)
    told_again = [event.event_type for event in rest]
    return told_again == [event.event_type for event in events][-len(told_again) :]


def background():
    made = client.interactions.create(model=MODEL, input=SCENE, background=True)
    began = made.status
    for _ in range(200):
        made = client.interactions.get(made.id)
        if made.status != "in_progress":
            break
        time.sleep(0.1)
    return [began, seen(made)]


def cancelled():
    made = client.interactions.create(
        model="gemini-3-pro-image",
        input=SCENE,
        background=True,
        generation_config={"image_config": {"image_size": "4K"}},
    )
    return client.interactions.cancel(made.id).status


def deleted():
    made = client.interactions.create(model=MODEL, input=SCENE)
    client.interactions.delete(made.id)
    return client.interactions.get(made.id)


def by_link():
    form = {"type": "image", "delivery": "uri"}
    made = client.interactions.create(model=MODEL, input="a red cube", response_format=form)
    return [picture.uri for picture in pictures(made)]


def include_input():
    made = client.interactions.create(model=MODEL, input="a red cube")
    found = client.interactions.get(made.id, include_input=True)
    (said,) = found.input
    return [type(said).__name__, str(said)]


def wrong_value():
    config = {"image_config": {"aspect_ratio": "7:5"}}
    return client.interactions.create(model=MODEL, input="x", generation_config=config)


def unknown_model():
    return client.interactions.create(model="gemini-9", input="x")


def bad_key():
    stranger = client_of(BAD_KEY)  # kept: a client without a name is closed at once
    return stranger.interactions.create(model=MODEL, input="x")


def said_by_the_server(error):
    """What the client's own exception tells: its class, the status, the words."""
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    if not status:
        return None
    return {"class": type(error).__name__, "status": status, "message": str(error)}


if __name__ == "__main__":
    run(globals(), "google-genai", error=said_by_the_server)
