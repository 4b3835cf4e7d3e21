"""Google's Python SDK, any version from 1.20 on, in its three ways of signing in: a key for the
Gemini API (``developer``), a key for Vertex AI (``express``), a service account (``account``)."""

import asyncio
import base64
import io
import tempfile
import time
from pathlib import Path

from google import genai
from google.genai import errors, types
from PIL import Image
from program import BAD_KEY, MODEL, NIGHT, SCENE, picture_bytes, run, size_of, told

TARGET = told()


def make_client(key=None):
    options = types.HttpOptions(base_url=TARGET["url"])
    if TARGET["mode"] == "account":
        return genai.Client(
            vertexai=True, project=TARGET["project"], location="global", http_options=options
        )
    return genai.Client(
        vertexai=TARGET["mode"] == "express", api_key=key or TARGET["key"], http_options=options
    )


client = make_client()


def seen(response):
    """What a caller gets out of an answer."""
    parts = response.candidates[0].content.parts or []
    images = [part for part in parts if part.inline_data and not part.thought]
    return {
        "sizes": [size_of(part.inline_data.data) for part in images],
        "types": [part.inline_data.mime_type for part in images],
        "signed": [bool(getattr(part, "thought_signature", True)) for part in images],
        "text": "".join(part.text or "" for part in parts if not part.thought),
        "finish": response.candidates[0].finish_reason.value,
        "version": response.model_version,
        "tokens": response.usage_metadata.candidates_token_count,
        "total": response.usage_metadata.total_token_count,
    }


def generate(*contents, model=MODEL, **config):
    made = types.GenerateContentConfig(**config) if config else None
    return seen(client.models.generate_content(model=model, contents=list(contents), config=made))


def red():
    return types.Part.from_bytes(data=picture_bytes(), mime_type="image/png")


def text_to_image():
    return generate("a red cat next to a tree")


def ratio_and_size():
    return generate(
        "a blue car", image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K")
    )


def edit():
    return generate(red(), "make it grey")


def edit_several():
    blue = types.Part.from_bytes(data=picture_bytes((20, 40, 200)), mime_type="image/png")
    return generate(red(), blue, "put both side by side")


def edit_pil():
    return generate("mirror it", Image.open(io.BytesIO(picture_bytes())))


def several_turns():
    talk = client.chats.create(model=MODEL)
    return [seen(talk.send_message(said)) for said in (SCENE, NIGHT, "move the text to the top")]


def stream():
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="a sailboat"))
    parts = [
        part
        for chunk in chunks
        for part in (chunk.candidates[0].content.parts if chunk.candidates else None) or []
    ]
    return {
        "chunks": len(chunks),
        "sizes": [size_of(part.inline_data.data) for part in parts if part.inline_data],
        "finish": chunks[-1].candidates[0].finish_reason.value,
        "tokens": chunks[-1].usage_metadata.candidates_token_count,
    }


def asynchronous():
    async def both():
        answer = await client.aio.models.generate_content(model=MODEL, contents="a red cat")
        streaming = client.aio.models.generate_content_stream(model=MODEL, contents="a sailboat")
        chunks = [chunk async for chunk in await streaming]
        return {**seen(answer), "chunks": len(chunks)}

    return asyncio.run(both())


def count_tokens():
    return client.models.count_tokens(model=MODEL, contents="a red cat").total_tokens


def models():
    listed = [model.name for model in client.models.list(config={"page_size": 2})]
    return {"listed": listed, "got": client.models.get(model=MODEL).name}


def model_card():
    model = client.models.get(model=MODEL)
    return {"input": model.input_token_limit, "shown": model.display_name}


def tuned_models():
    return [model.name for model in client.models.list(config={"query_base": False})]


def only_image():
    return generate("a moon", response_modalities=["IMAGE"])


def thoughts():
    thinking = types.ThinkingConfig(include_thoughts=True)
    config = types.GenerateContentConfig(thinking_config=thinking)
    response = client.models.generate_content(model=MODEL, contents="two dogs", config=config)
    return [part.text for part in response.candidates[0].content.parts if part.thought]


def no_picture():
    return generate("What is your name?")


def old_id():
    return generate("a cat", model=f"{MODEL}-preview")


def wrong_value():
    return generate("a cat", image_config=types.ImageConfig(aspect_ratio="9:21"))


def unknown_model():
    return generate("a cat", model="gemini-9-image")


def truncated_picture():
    cut = types.Part.from_bytes(data=picture_bytes()[:-20], mime_type="image/png")
    return generate(cut, "make it grey")


def too_many_pictures():
    return generate(*[red()] * 15, "collage")


def bad_key():
    stranger = make_client(BAD_KEY)
    return seen(stranger.models.generate_content(model=MODEL, contents="a cat"))


def another_project():
    stranger = genai.Client(
        vertexai=True,
        project="somebody-elses",
        location="global",
        http_options=types.HttpOptions(base_url=TARGET["url"]),
    )
    return seen(stranger.models.generate_content(model=MODEL, contents="a cat"))


def files():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "red.png")
        path.write_bytes(picture_bytes())
        file = client.files.upload(file=path)
    while file.state and file.state.value == "PROCESSING":
        time.sleep(0.1)
        file = client.files.get(name=file.name)
    listed = file.name in [one.name for one in client.files.list()]
    answer = generate(file, "make it grey")
    client.files.delete(name=file.name)
    try:
        client.files.get(name=file.name)
        gone = None
    except errors.APIError as error:
        gone = error.code
    return {**answer, "file": [file.size_bytes, file.mime_type], "listed": listed, "gone": gone}


def interactions():
    first = client.interactions.create(model=MODEL, input=SCENE)
    second = client.interactions.create(model=MODEL, input=NIGHT, previous_interaction_id=first.id)
    found = client.interactions.get(first.id)
    client.interactions.delete(second.id)
    return [
        {"sizes": [size_of(data) for data in interaction_pictures(one)], "status": one.status}
        for one in (first, second, found)
    ]


def interaction_pictures(interaction):
    """From the steps; before google-genai 2, an interaction had outputs instead."""
    if hasattr(interaction, "outputs"):
        content = interaction.outputs
    else:
        said = [step for step in interaction.steps if step.type == "model_output"]
        content = [part for step in said for part in step.content]
    return [base64.b64decode(part.data) for part in content if part.type == "image"]


def interactions_stream():
    events = list(client.interactions.create(model=MODEL, input="a sailboat", stream=True))
    return [event.event_type for event in events]


def imagen(response):
    return {
        "sizes": [size_of(one.image.image_bytes) for one in response.generated_images],
        "types": [one.image.mime_type for one in response.generated_images],
    }


def imagen_generate():
    config = types.GenerateImagesConfig(number_of_images=2, aspect_ratio="16:9")
    model = "imagen-4.0-generate-001"
    return imagen(client.models.generate_images(model=model, prompt="a red cube", config=config))


def imagen_edit():
    raw = types.RawReferenceImage(
        reference_id=1,
        reference_image=types.Image(image_bytes=picture_bytes(), mime_type="image/png"),
    )
    mask = types.MaskReferenceImage(
        reference_id=2,
        config=types.MaskReferenceConfig(mask_mode="MASK_MODE_BACKGROUND", mask_dilation=0.0),
    )
    config = types.EditImageConfig(edit_mode="EDIT_MODE_INPAINT_INSERTION", number_of_images=1)
    return imagen(
        client.models.edit_image(
            model="imagen-3.0-capability-001",
            prompt="a green hill",
            reference_images=[raw, mask],
            config=config,
        )
    )


def imagen_upscale():
    image = types.Image(image_bytes=picture_bytes(), mime_type="image/png")
    model = "imagen-4.0-upscale-preview"
    return imagen(client.models.upscale_image(model=model, image=image, upscale_factor="x2"))


def said(error):
    if not isinstance(error, errors.APIError):
        return None
    return {
        "code": error.code,
        "status": error.status,
        "message": error.message,
        "details": error.details,
    }


if __name__ == "__main__":
    run(globals(), "google-genai", error=said)
