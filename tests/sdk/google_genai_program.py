"""Runs Google's Python SDK, unmodified, against a server and prints what it saw as one JSON object.

It runs under any google-genai from 1.20 on, in an environment of its own, so it knows nothing of
pisang: ``python google_genai_program.py BASE_URL KEY``. Each case is a function; its answer, or the
error the SDK raised, stands under its name.
"""

import io
import json
import sys
import traceback

from google import genai
from google.genai import errors, types
from PIL import Image

MODEL = "gemini-3.1-flash-image"


def picture_bytes() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 200), (200, 40, 40)).save(buffer, "PNG")
    return buffer.getvalue()


def seen(response) -> dict:
    """What a caller gets out of an answer."""
    parts = response.candidates[0].content.parts or []
    images = [part.inline_data for part in parts if part.inline_data]
    return {
        "sizes": [Image.open(io.BytesIO(image.data)).size for image in images],
        "types": [image.mime_type for image in images],
        "signed": [bool(part.thought_signature) for part in parts if part.inline_data]
        if hasattr(types.Part(), "thought_signature")
        else None,
        "text": "".join(part.text or "" for part in parts if not part.thought),
        "finish": response.candidates[0].finish_reason.value,
        "version": response.model_version,
        "usage": {
            "prompt": response.usage_metadata.prompt_token_count,
            "candidates": response.usage_metadata.candidates_token_count,
            "total": response.usage_metadata.total_token_count,
        },
    }


def image_config(**wish):
    """The ratio and size in this SDK's own form; 1.20 has none and gets the default."""
    if hasattr(types, "ImageConfig"):
        return types.GenerateContentConfig(
            response_modalities=["TEXT", "IMAGE"], image_config=types.ImageConfig(**wish)
        )
    return types.GenerateContentConfig(response_modalities=["TEXT", "IMAGE"])


def text_to_image(client):
    return seen(client.models.generate_content(model=MODEL, contents="a red cat next to a tree"))


def ratio_and_size(client):
    config = image_config(aspect_ratio="16:9", **size_wish("2K"))
    return seen(client.models.generate_content(model=MODEL, contents="a blue car", config=config))


def size_wish(size):
    fields = getattr(types, "ImageConfig", None)
    return {"image_size": size} if fields and "image_size" in fields.model_fields else {}


def edit(client):
    picture = types.Part.from_bytes(data=picture_bytes(), mime_type="image/png")
    return seen(client.models.generate_content(model=MODEL, contents=[picture, "make it grey"]))


def edit_pil(client):
    picture = Image.open(io.BytesIO(picture_bytes()))
    return seen(client.models.generate_content(model=MODEL, contents=["mirror it", picture]))


def chat(client):
    talk = client.chats.create(model=MODEL)
    first = talk.send_message("A red cat next to a tree, with the text 'Hello' at the bottom")
    second = talk.send_message("now make it night")
    third = talk.send_message("move the text to the top")
    return [seen(answer) for answer in (first, second, third)]


def stream(client):
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="a sailboat"))
    images = [
        part.inline_data
        for chunk in chunks
        for part in (chunk.candidates[0].content.parts if chunk.candidates else None) or []
        if part.inline_data
    ]
    return {
        "chunks": len(chunks),
        "sizes": [Image.open(io.BytesIO(image.data)).size for image in images],
        "finish": chunks[-1].candidates[0].finish_reason.value,
        "candidates": chunks[-1].usage_metadata.candidates_token_count,
    }


def count_tokens(client):
    return client.models.count_tokens(model=MODEL, contents="a red cat").total_tokens


def list_models(client):
    return [model.name for model in client.models.list(config={"page_size": 2})]


def get_model(client):
    model = client.models.get(model=MODEL)
    return {"name": model.name, "input": model.input_token_limit, "shown": model.display_name}


def only_image(client):
    config = types.GenerateContentConfig(response_modalities=["IMAGE"])
    return seen(client.models.generate_content(model=MODEL, contents="a moon", config=config))


def thoughts(client):
    thinking = types.ThinkingConfig(include_thoughts=True)
    config = types.GenerateContentConfig(thinking_config=thinking)
    response = client.models.generate_content(model=MODEL, contents="two dogs", config=config)
    return [part.text for part in response.candidates[0].content.parts if part.thought]


def no_picture(client):
    response = client.models.generate_content(model=MODEL, contents="What is your name?")
    return {
        "finish": response.candidates[0].finish_reason.value,
        "parts": len(response.candidates[0].content.parts or []),
    }


def dead_preview_id(client):
    return seen(client.models.generate_content(model=f"{MODEL}-preview", contents="a cat"))


def wrong_ratio(client):
    picture = {"text": "a cat"}
    body = {"generationConfig": {"imageConfig": {"aspectRatio": "9:21"}}}
    options = types.HttpOptions(extra_body=body)
    config = types.GenerateContentConfig(http_options=options)
    return seen(client.models.generate_content(model=MODEL, contents=[picture], config=config))


def unknown_model(client):
    return seen(client.models.generate_content(model="gemini-9-image", contents="a cat"))


def truncated_picture(client):
    picture = types.Part.from_bytes(data=picture_bytes()[:-20], mime_type="image/png")
    return seen(client.models.generate_content(model=MODEL, contents=[picture, "make it grey"]))


def too_many_pictures(client):
    picture = types.Part.from_bytes(data=picture_bytes(), mime_type="image/png")
    return seen(client.models.generate_content(model=MODEL, contents=[picture] * 15 + ["collage"]))


def four_for_a_model_of_three(client):
    picture = types.Part.from_bytes(data=picture_bytes(), mime_type="image/png")
    contents = [picture] * 4 + ["side by side"]
    return seen(client.models.generate_content(model="gemini-2.5-flash-image", contents=contents))


def bad_key(client):
    del client
    stranger = make_client("AIza-not-a-key")
    return seen(stranger.models.generate_content(model=MODEL, contents="a cat"))


def make_client(key):
    return genai.Client(
        vertexai=False, api_key=key, http_options=types.HttpOptions(base_url=sys.argv[1])
    )


CASES = (
    text_to_image,
    ratio_and_size,
    edit,
    edit_pil,
    chat,
    stream,
    count_tokens,
    list_models,
    get_model,
    only_image,
    thoughts,
    no_picture,
    dead_preview_id,
    wrong_ratio,
    unknown_model,
    truncated_picture,
    too_many_pictures,
    four_for_a_model_of_three,
    bad_key,
)


def main() -> None:
    client = make_client(sys.argv[2])
    answers = {}
    for case in CASES:
        try:
            answers[case.__name__] = {"answer": case(client)}
        except errors.APIError as error:
            answers[case.__name__] = {
                "error": {
                    "class": type(error).__name__,
                    "code": error.code,
                    "status": error.status,
                    "message": error.message,
                    "details": error.details,
                }
            }
        except Exception:
            answers[case.__name__] = {"crash": traceback.format_exc()}
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
