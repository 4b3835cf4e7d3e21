"""OpenAI's Python SDK, version 1 or 3, on either base address: ``v1`` as OpenAI's own, or
``v1beta/openai`` as Google's layer (the mode is the path)."""

import asyncio
import base64
import io
from urllib.request import urlopen

import openai
from program import BAD_KEY, MODEL, NIGHT, SCENE, mask_bytes, picture_bytes, run, size_of, told

TARGET = told()
TOOL = {"type": "image_generation"}


def make_client(key=None):
    base_url = f"{TARGET['url']}/{TARGET['mode']}"
    return openai.OpenAI(base_url=base_url, api_key=key or TARGET["key"], max_retries=0)


client = make_client()


def file(data, name="picture.png"):
    return (name, io.BytesIO(data), "image/png")


def seen(response):
    pictures = [base64.b64decode(one.b64_json) for one in response.data]
    return {"sizes": [size_of(picture) for picture in pictures], "tokens": spent(response.usage)}


def spent(usage):
    return usage.output_tokens if usage else 0


def generate(prompt, **options):
    return seen(client.images.generate(model=MODEL, prompt=prompt, **options))


def change(*pictures, **options):
    images = [file(picture, f"{number}.png") for number, picture in enumerate(pictures)]
    image = images if len(images) > 1 else images[0]
    return seen(client.images.edit(model=MODEL, image=image, prompt="make it grey", **options))


def text_to_image():
    return generate("a red cat next to a tree")


def ratio_and_size():
    return generate("a blue car", size="2752x1536")


def ratio_and_size_words():
    return generate("a blue car", size="2K", extra_body={"aspect_ratio": "16:9"})


def named_size():
    return generate("a blue car", size="1536x1024")


def several():
    return generate("a red cat", n=2)


def as_url():
    answer = client.images.generate(model=MODEL, prompt="a red cat", response_format="url")
    with urlopen(answer.data[0].url) as picture:
        return {"sizes": [size_of(picture.read())]}


def edit():
    return change(picture_bytes())


def edit_mask():
    return change(picture_bytes(), mask=file(mask_bytes(), "mask.png"))


def edit_several():
    return change(picture_bytes(), picture_bytes(color=(20, 40, 200)))


def variation():
    image = file(picture_bytes(size=(512, 512)))
    return seen(client.images.create_variation(model=MODEL, image=image, n=1, size="1024x1024"))


def stream():
    events = list(
        client.images.generate(model=MODEL, prompt="a sailboat", stream=True, partial_images=1)
    )
    assert events[-1].type == "image_generation.completed", events[-1].type
    return {
        "chunks": len(events),
        "sizes": [size_of(base64.b64decode(events[-1].b64_json))],
        "tokens": spent(events[-1].usage),
    }


def stream_without_partials():
    events = list(client.images.generate(model=MODEL, prompt="a sailboat", stream=True))
    return [event.type for event in events]


def asynchronous():
    async def both():
        options = {"base_url": client.base_url, "api_key": client.api_key, "max_retries": 0}
        async with openai.AsyncOpenAI(**options) as asking:
            answer = await asking.images.generate(model=MODEL, prompt="a red cat")
            stream = await asking.images.generate(model=MODEL, prompt="a sailboat", stream=True)
            chunks = [event async for event in stream]
        return {**seen(answer), "chunks": len(chunks)}

    return asyncio.run(both())


def from_data_urls(images):
    return [base64.b64decode(one["image_url"]["url"].partition(",")[2]) for one in images or []]


def talked(choice):
    message = choice.message
    return {
        "sizes": [size_of(data) for data in from_data_urls(getattr(message, "images", None))],
        "text": message.content or "",
        "finish": choice.finish_reason,
    }


def several_turns():
    messages, answers = [], []
    for said in (SCENE, NIGHT, "move the text to the top"):
        messages.append({"role": "user", "content": said})
        choice = client.chat.completions.create(model=MODEL, messages=messages).choices[0]
        messages.append(choice.message.model_dump(exclude_none=True))
        answers.append(talked(choice))
    return answers


def chat_edit():
    picture = base64.b64encode(picture_bytes()).decode()
    address = {"url": f"data:image/png;base64,{picture}"}
    content = [
        {"type": "text", "text": "make it grey"},
        {"type": "image_url", "image_url": address},
    ]
    messages = [{"role": "user", "content": content}]
    return talked(client.chat.completions.create(model=MODEL, messages=messages).choices[0])


def chat_ratio():
    return talked(
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "a blue car"}],
            extra_body={
                "extra_body": {
                    "google": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}
                }
            },
        ).choices[0]
    )


def chat_stream():
    chunks = list(
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "a sailboat"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    images = [image for one in choices for image in getattr(one.delta, "images", None) or []]
    return {
        "chunks": len(chunks),
        "sizes": [size_of(data) for data in from_data_urls(images)],
        "finish": choices[-1].finish_reason,
        "tokens": chunks[-1].usage.completion_tokens,
    }


def drawn(response):
    calls = [item for item in response.output if item.type == "image_generation_call"]
    return {
        "sizes": [size_of(base64.b64decode(call.result)) for call in calls],
        "text": response.output_text,
        "status": response.status,
    }


def responses():
    first = client.responses.create(model=MODEL, input=SCENE, tools=[TOOL])
    second = client.responses.create(
        model=MODEL, input=NIGHT, tools=[TOOL], previous_response_id=first.id
    )
    found = client.responses.retrieve(first.id)
    client.responses.delete(second.id)
    try:
        client.responses.retrieve(second.id)
        gone = None
    except openai.NotFoundError as error:
        gone = error.status_code
    return {"turns": [drawn(one) for one in (first, second, found)], "gone": gone}


def responses_stream():
    events = list(
        client.responses.create(model=MODEL, input="a sailboat", tools=[TOOL], stream=True)
    )
    return {"events": [event.type for event in events], **drawn(events[-1].response)}


def models():
    listed = [model.id for model in client.models.list()]
    return {"listed": listed, "got": client.models.retrieve(MODEL).id}


def files():
    kept = client.files.create(file=("red.png", picture_bytes(), "image/png"), purpose="vision")
    listed = kept.id in [one.id for one in client.files.list()]
    content = client.files.content(kept.id).read()
    part = {"type": "input_image", "file_id": kept.id}
    words = {"type": "input_text", "text": "make it grey"}
    asked = [{"role": "user", "content": [part, words]}]
    answer = drawn(client.responses.create(model=MODEL, input=asked, tools=[TOOL]))
    client.files.delete(kept.id)
    try:
        client.files.retrieve(kept.id)
        gone = None
    except openai.APIStatusError as error:
        gone = error.status_code
    return {
        "sizes": answer["sizes"],
        "file": [kept.bytes, "image/png" if content == picture_bytes() else "changed"],
        "listed": listed,
        "gone": gone,
    }


def no_picture():
    return generate("What is your name?")


def chat_no_picture():
    messages = [{"role": "user", "content": "What is your name?"}]
    return talked(client.chat.completions.create(model=MODEL, messages=messages).choices[0])


def old_id():
    return seen(client.images.generate(model=f"{MODEL}-preview", prompt="a cat"))


def wrong_value():
    return generate("a cat", size="9:21")


def unknown_model():
    return seen(client.images.generate(model="gemini-9-image", prompt="a cat"))


def truncated_picture():
    return change(picture_bytes()[:-20])


def too_many_pictures():
    return change(*[picture_bytes()] * 15)


def bad_key():
    return seen(make_client(BAD_KEY).images.generate(model=MODEL, prompt="a cat"))


def said(error):
    if not isinstance(error, openai.APIStatusError):
        return None
    return {
        "code": error.status_code,
        "message": error.message,
        "details": error.body,
        "request": error.request_id,
    }


if __name__ == "__main__":
    run(globals(), "openai", error=said)
