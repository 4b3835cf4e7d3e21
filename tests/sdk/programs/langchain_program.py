"""langchain-google-genai's chat model, for the Gemini API (developer) and for Vertex AI (express,
account)."""

import base64

from google.genai import errors
from langchain_core.messages import HumanMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from program import BAD_KEY, MODEL, NIGHT, SCENE, picture_bytes, run, size_of, told

TARGET = told()


def make_model(model=MODEL, **options):
    if TARGET["mode"] == "account":
        home = {"vertexai": True, "project": TARGET["project"], "location": "global"}
        options = {**home, **options}
    else:
        options = {"api_key": TARGET["key"], "vertexai": TARGET["mode"] == "express", **options}
    return ChatGoogleGenerativeAI(model=model, base_url=TARGET["url"], max_retries=1, **options)


def data_url(data):
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def ask(*pictures, words, model=None):
    content = [{"type": "image_url", "image_url": {"url": data_url(one)}} for one in pictures]
    content.append({"type": "text", "text": words})
    return seen((model or make_model()).invoke([HumanMessage(content=content)]))


def blocks(message):
    return message.content if isinstance(message.content, list) else []


def drawn(message):
    return [
        base64.b64decode(block["image_url"]["url"].partition(",")[2])
        for block in blocks(message)
        if isinstance(block, dict) and block.get("type") == "image_url"
    ]


def seen(message):
    return {
        "sizes": [size_of(data) for data in drawn(message)],
        "text": message.text if isinstance(message.text, str) else message.text(),
        "finish": message.response_metadata.get("finish_reason"),
        "tokens": message.usage_metadata["output_tokens"],
        "version": message.response_metadata.get("model_name"),
    }


def text_to_image():
    return ask(words="a red cat next to a tree")


def ratio_and_size():
    config = {"aspect_ratio": "16:9", "image_size": "2K"}
    return ask(words="a blue car", model=make_model(image_config=config))


def edit():
    return ask(picture_bytes(), words="make it grey")


def several_turns():
    model, messages, answers = make_model(), [], []
    for said in (SCENE, NIGHT):
        messages.append(HumanMessage(content=said))
        messages.append(model.invoke(messages))
        answers.append(seen(messages[-1]))
    return answers


def stream():
    chunks = list(make_model().stream("a sailboat"))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return {**seen(whole), "chunks": len(chunks)}


def count_tokens():
    return make_model().get_num_tokens("a red cat")


def no_picture():
    return ask(words="What is your name?")


def old_id():
    return ask(words="a cat", model=make_model(f"{MODEL}-preview"))


def wrong_value():
    return ask(words="a cat", model=make_model(image_config={"aspect_ratio": "9:21"}))


def unknown_model():
    return ask(words="a cat", model=make_model("gemini-9-image"))


def truncated_picture():
    return ask(picture_bytes()[:-20], words="make it grey")


def too_many_pictures():
    return ask(*[picture_bytes()] * 15, words="collage")


def bad_key():
    return ask(words="a cat", model=make_model(api_key=BAD_KEY))


def another_project():
    return ask(words="a cat", model=make_model(project="somebody-elses"))


def said(error):
    """The client's own error says all in its text; the SDK's error below it has the code."""
    below = error if isinstance(error, errors.APIError) else error.__cause__
    if not isinstance(below, errors.APIError):
        return None
    return {"code": below.code, "message": str(error)}


if __name__ == "__main__":
    run(globals(), "langchain-google-genai", error=said)
