"""openai for Python: OpenAI's images API, by `generate`, or by `edit` for pictures."""

from pisang.snippets.draft import Draft, wish
from pisang.snippets.python_source import imports, indented, read
from pisang.snippets.quoting import python_text

_PROGRAM = """\
# pip install openai
{imports}
from openai import OpenAI

client = OpenAI(api_key=os.environ["{key_env}"], base_url={base})
response = client.images.{method}(
{arguments})
for one in response.data:
    name = {stem} + "." + (response.output_format or "png")
    with open(name, "wb") as file:
        file.write(b64decode(one.b64_json))
    print(name)
"""


def write(draft: Draft) -> str:
    """The program. Ratio and size go as they are: the server takes them beside OpenAI's names."""
    asked = wish(draft, "openai")
    extra = {"aspect_ratio": asked.ratio, "image_size": asked.size, "seed": asked.seed}
    kept = ", ".join(
        f'"{name}": {python_text(value) if isinstance(value, str) else value}'
        for name, value in extra.items()
        if value is not None
    )
    arguments = [f"model={python_text(draft.model)}", f"prompt={python_text(draft.prompt)}"]
    if draft.pictures:
        arguments.append(f"image=[{', '.join(_files(draft))}]")
    if kept:
        arguments.append(f"extra_body={{{kept}}}")
    return _PROGRAM.format(
        imports=imports(draft, "import os", "from base64 import b64decode"),
        key_env=draft.key_env,
        base=python_text(f"{draft.server}/v1"),
        method="edit" if draft.pictures else "generate",
        arguments=indented(arguments, 4),
        stem=python_text(draft.stem),
    )


def _files(draft: Draft) -> list[str]:
    return [
        f'("{number}", {read(picture)}, {python_text(picture.mime_type)})'
        for number, picture in enumerate(draft.pictures, 1)
    ]
