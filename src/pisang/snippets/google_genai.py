"""google-genai for Python, in its three ways of signing in."""

import re
from typing import Any

from pisang.snippets.draft import Draft, Picture, flat
from pisang.snippets.python_source import imports, read
from pisang.snippets.quoting import python_text

_PYTHON = """\
# pip install google-genai
{imports}{more}from google import genai
from google.genai import types

{client}
response = client.models.generate_content(
    model={model},
    contents=[
{parts}
    ],
{config})
for part in response.candidates[0].content.parts or []:
    if part.text and not part.thought:
        print(part.text)
    elif part.inline_data and not part.thought:
        name = {stem} + "." + part.inline_data.mime_type.split("/")[-1]
        with open(name, "wb") as file:
            file.write(part.inline_data.data)
        print(name)
"""

_DEVELOPER = """\
client = genai.Client(
    api_key=os.environ["{key_env}"],
    vertexai=False,  # also where the environment would choose Vertex AI
    http_options=types.HttpOptions(base_url={server}),
)"""

_EXPRESS = """\
client = genai.Client(
    api_key=os.environ["{key_env}"],
    vertexai=True,
    http_options=types.HttpOptions(base_url={server}),
)"""

_VERTEX = """\
# GOOGLE_APPLICATION_CREDENTIALS names the file of a service account: pisang service-accounts create
credentials, project = google.auth.default(
    scopes=["https://www.googleapis.com/auth/cloud-platform"]
)
client = genai.Client(
    vertexai=True,
    project=project,
    location="global",
    credentials=credentials,
    http_options=types.HttpOptions(base_url={server}),
)"""

_PYTHON_TYPES = {"imageConfig": "ImageConfig", "thinkingConfig": "ThinkingConfig"}


def developer(draft: Draft) -> str:
    """For the Gemini API, with a key."""
    return _program(draft, _DEVELOPER)


def express(draft: Draft) -> str:
    """For Vertex AI, with a key and no project."""
    return _program(draft, _EXPRESS)


def vertex(draft: Draft) -> str:
    """For Vertex AI, with the service account that GOOGLE_APPLICATION_CREDENTIALS names."""
    return _program(draft, _VERTEX)


def _program(draft: Draft, client: str) -> str:
    config = "".join(
        f"        {_snake(name)}={_python_value(name, value)},\n"
        for name, value in flat(draft.config).items()
    )
    return _PYTHON.format(
        imports=imports(draft, "import os") + "\n" if "os." in client else _spaced(imports(draft)),
        more="import google.auth\n" if "google.auth" in client else "",
        client=client.format(key_env=draft.key_env, server=python_text(draft.server)),
        model=python_text(draft.model),
        parts="\n".join(f"        {_python_part(part)}," for part in draft.parts),
        config=f"    config=types.GenerateContentConfig(\n{config}    ),\n" if config else "",
        stem=python_text(draft.stem),
    )


def _spaced(lines: str) -> str:
    return f"{lines}\n" if lines else ""


def _python_part(part: str | Picture) -> str:
    if isinstance(part, str):
        return python_text(part)
    return f"types.Part.from_bytes(data={read(part)}, mime_type={python_text(part.mime_type)})"


def _python_value(name: str, value: Any) -> str:
    """A value of the wire as Python: typed where the SDK has a class, plain data elsewhere."""
    if isinstance(value, str):
        return python_text(value)
    if isinstance(value, list):
        return "[" + ", ".join(_python_value("", item) for item in value) + "]"
    if not isinstance(value, dict):
        return repr(value)
    if name in _PYTHON_TYPES:
        fields = (f"{_snake(key)}={_python_value(key, item)}" for key, item in value.items())
        return f"types.{_PYTHON_TYPES[name]}({', '.join(fields)})"
    fields = (f'"{_snake(key)}": {_python_value(key, item)}' for key, item in value.items())
    return "{" + ", ".join(fields) + "}"


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)
