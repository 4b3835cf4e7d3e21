"""langchain-google-genai: LangChain's chat model for Gemini."""

from pisang.snippets.draft import Draft, Picture, wish
from pisang.snippets.python_source import imports, indented, read
from pisang.snippets.quoting import python_text

_PROGRAM = """\
# pip install langchain-google-genai
{imports}
from langchain_core.messages import HumanMessage
from langchain_google_genai import ChatGoogleGenerativeAI

model = ChatGoogleGenerativeAI(
{options})
answer = model.invoke([HumanMessage(content=[
{parts}])])
for block in answer.content:
    if isinstance(block, str):
        print(block)
    elif block["type"] == "text":
        print(block["text"])
    elif block["type"] == "image_url":
        head, _, data = block["image_url"]["url"].partition(",")
        name = {stem} + "." + head.partition(";")[0].split("/")[-1]
        with open(name, "wb") as file:
            file.write(b64decode(data))
        print(name)
"""


def write(draft: Draft) -> str:
    """The program, for the Gemini API with a key."""
    asked = wish(draft, "langchain-google-genai")
    options = [
        f"model={python_text(draft.model)}",
        f'api_key=os.environ["{draft.key_env}"]',
        "vertexai=False",
        f"base_url={python_text(draft.server)}",
    ]
    shape = {"aspect_ratio": asked.ratio, "image_size": asked.size}
    kept = [f'"{name}": {python_text(value)}' for name, value in shape.items() if value]
    if kept:
        options.append(f"image_config={{{', '.join(kept)}}}")
    if asked.seed is not None:
        options.append(f"seed={asked.seed}")
    encode = "b64decode, b64encode" if draft.pictures else "b64decode"
    return _PROGRAM.format(
        imports=imports(draft, "import os", f"from base64 import {encode}"),
        options=indented(options, 4),
        parts=indented(map(_part, draft.parts), 4),
        stem=python_text(draft.stem),
    )


def _part(part: str | Picture) -> str:
    if isinstance(part, str):
        return f'{{"type": "text", "text": {python_text(part)}}}'
    data = f"b64encode({read(part)}).decode()"
    return f'{{"type": "image", "base64": {data}, "mime_type": {python_text(part.mime_type)}}}'
