"""Google's first Python SDK, google-generativeai, over REST: its plain-HTTP endpoint is ours."""

import google.generativeai as genai
from google.api_core import exceptions
from google.generativeai import types
from program import BAD_KEY, MODEL, NIGHT, SCENE, picture_bytes, run, size_of, told

TARGET = told()


def configure(key):
    genai.configure(api_key=key, transport="rest", client_options={"api_endpoint": TARGET["url"]})


configure(TARGET["key"])


def red(data=None):
    return {"mime_type": "image/png", "data": data or picture_bytes()}


def seen(response):
    parts = response.candidates[0].content.parts
    images = [part.inline_data for part in parts if part.inline_data.data]
    return {
        "sizes": [size_of(image.data) for image in images],
        "text": "".join(part.text for part in parts),
        "finish": response.candidates[0].finish_reason.name,
        "tokens": response.usage_metadata.candidates_token_count,
    }


def generate(*contents, model=MODEL):
    return seen(genai.GenerativeModel(model).generate_content(list(contents)))


def text_to_image():
    return generate("a red cat next to a tree")


def ratio_and_size():
    return types.GenerationConfig(image_config={"aspect_ratio": "16:9", "image_size": "2K"})


def edit():
    return generate(red(), "make it grey")


def several_turns():
    talk = genai.GenerativeModel(MODEL).start_chat()
    return [seen(talk.send_message(said)) for said in (SCENE, NIGHT)]


def stream():
    response = genai.GenerativeModel(MODEL).generate_content("a sailboat", stream=True)
    chunks = list(response)
    return {**seen(response), "chunks": len(chunks)}


def count_tokens():
    return genai.GenerativeModel(MODEL).count_tokens("a red cat").total_tokens


def models():
    listed = [model.name for model in genai.list_models()]
    return {"listed": listed, "got": genai.get_model(f"models/{MODEL}").name}


def unknown_model():
    return generate("a cat", model="gemini-9-image")


def truncated_picture():
    return generate(red(picture_bytes()[:-20]), "make it grey")


def too_many_pictures():
    return generate(*[red()] * 15, "collage")


def bad_key():
    configure(BAD_KEY)
    try:
        return generate("a cat")
    finally:
        configure(TARGET["key"])


def said(error):
    if not isinstance(error, exceptions.GoogleAPICallError):
        return None
    return {
        "code": int(error.code),
        "message": error.message,
        "details": [str(detail) for detail in error.details],
    }


if __name__ == "__main__":
    run(globals(), "google-generativeai", error=said)
