"""pydantic-ai's agents: Google's models by the Gemini API (developer) and by Vertex AI (express,
account), OpenAI's by chat completions (chat) and by responses (responses)."""

import base64
import re

from program import BAD_KEY, MODEL, NIGHT, SCENE, picture_bytes, run, size_of, told
from pydantic_ai import Agent, BinaryContent, BinaryImage
from pydantic_ai.capabilities import NativeTool
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.native_tools import ImageGenerationTool
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.google_cloud import GoogleCloudProvider
from pydantic_ai.providers.openai import OpenAIProvider

TARGET = told()
MODE = TARGET["mode"]


def make_model(name=MODEL, key=None, project=None):
    url, key = TARGET["url"], key or TARGET["key"]
    if MODE == "developer":
        return GoogleModel(name, provider=GoogleProvider(api_key=key, base_url=url))
    if MODE == "express":
        return GoogleModel(name, provider=GoogleCloudProvider(api_key=key, base_url=url))
    if MODE == "account":
        project = project or TARGET["project"]
        provider = GoogleCloudProvider(project=project, location="global", base_url=url)
        return GoogleModel(name, provider=provider)
    if MODE == "chat":  # its messages have text only: this key asks for pictures as Markdown
        key = key if key == BAD_KEY else TARGET["markdownKey"]
        return OpenAIChatModel(name, provider=OpenAIProvider(base_url=f"{url}/v1", api_key=key))
    provider = OpenAIProvider(base_url=f"{url}/v1", api_key=key)
    profile = OpenAIModelProfile(supports_image_output=True)
    return OpenAIResponsesModel(name, provider=provider, profile=profile)


def make_agent(model=None, tool=None):
    """Chat completions have no tool for pictures, and their models answer in text."""
    if MODE == "chat":
        return Agent(model or make_model())
    tools = [NativeTool(tool or ImageGenerationTool())]
    return Agent(model or make_model(), capabilities=tools, output_type=[str, BinaryImage])


def red(data=None):
    return BinaryContent(data or picture_bytes(), media_type="image/png")


def pictures(response):
    if MODE != "chat":
        return [file.data for file in response.files]
    found = re.findall(r"data:image/\w+;base64,([\w+/=]+)", response.text or "")
    return [base64.b64decode(data) for data in found]


def seen(result):
    response = result.response
    text = response.text or ""
    return {
        "sizes": [size_of(data) for data in pictures(response)],
        "text": re.sub(r"!\[.*?\]\(data:.*?\)", "", text),
        "finish": (response.provider_details or {}).get("finish_reason"),
        "tokens": response.usage.output_tokens,
        "version": response.model_name,
    }


def ask(*said, settings=None, **options):
    return seen(make_agent(**options).run_sync(list(said), model_settings=settings))


def shaped(words, **wish):
    """By the tool for pictures; in chat completions, which have none, by a field of the body."""
    if MODE == "chat":
        config = {"aspect_ratio": wish["aspect_ratio"], "image_size": wish.get("size", "1K")}
        return ask(words, settings={"extra_body": {"image_config": config}})
    return ask(words, tool=ImageGenerationTool(**wish))


def text_to_image():
    return ask("a red cat next to a tree")


def ratio_and_size():
    return shaped("a blue car", aspect_ratio="16:9", size="2K")


def named_size():
    return ask("a blue car", tool=ImageGenerationTool(size="1536x1024"))


def edit():
    return ask(red(), "make it grey")


def several_turns():
    agent, history, answers = make_agent(), [], []
    for said in (SCENE, NIGHT):
        result = agent.run_sync(said, message_history=history)
        history = result.all_messages()
        answers.append(seen(result))
    return answers


def stream():
    with make_agent().run_stream_sync("a sailboat") as result:
        chunks = list(result.stream_response(debounce_by=None))
    last = chunks[-1]
    return {
        "chunks": len(chunks),
        "sizes": [size_of(data) for data in pictures(last)],
        "tokens": last.usage.output_tokens,
    }


def old_id():
    return ask("a cat", model=make_model(f"{MODEL}-preview"))


def wrong_value():
    return shaped("a cat", aspect_ratio="9:21")


def unknown_model():
    return ask("a cat", model=make_model("gemini-9-image"))


def truncated_picture():
    return ask(red(picture_bytes()[:-20]), "make it grey")


def too_many_pictures():
    return ask(*[red()] * 15, "collage")


def bad_key():
    return ask("a cat", model=make_model(key=BAD_KEY))


def another_project():
    return ask("a cat", model=make_model(project="somebody-elses"))


def said(error):
    if not isinstance(error, ModelHTTPError):
        return None
    return {"code": error.status_code, "message": str(error), "details": error.body}


if __name__ == "__main__":
    run(globals(), "pydantic-ai-slim", error=said)
