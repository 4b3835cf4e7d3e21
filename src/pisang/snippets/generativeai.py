"""google-generativeai, Google's first Python SDK: ended in 2025: it has no ratio, size or seed."""

from pisang.core.errors import UnsupportedParameter
from pisang.snippets.draft import Draft, Picture, wish
from pisang.snippets.python_source import imports, indented, read
from pisang.snippets.quoting import python_text

_PROGRAM = """\
# pip install google-generativeai
{imports}
import google.generativeai as genai

genai.configure(
    api_key=os.environ["{key_env}"],
    transport="rest",
    client_options={{"api_endpoint": {server}}},
)
response = genai.GenerativeModel({model}).generate_content(
    [
{parts}    ]
)
for part in response.parts:
    if part.text:
        print(part.text)
    elif part.inline_data.data:
        name = {stem} + "." + part.inline_data.mime_type.split("/")[-1]
        with open(name, "wb") as file:
            file.write(part.inline_data.data)
        print(name)
"""


def write(draft: Draft) -> str:
    """The program. Raises ``UnsupportedParameter`` for a ratio, a size or a seed."""
    if wish(draft, "google-generativeai", shape=False).seed is not None:
        raise UnsupportedParameter(
            "google-generativeai has no word for seed: leave it out, or choose another client",
            field="seed",
        )
    return _PROGRAM.format(
        imports=imports(draft, "import os"),
        key_env=draft.key_env,
        server=python_text(draft.server),
        model=python_text(draft.model),
        parts=indented(map(_part, draft.parts), 8),
        stem=python_text(draft.stem),
    )


def _part(part: str | Picture) -> str:
    if isinstance(part, str):
        return python_text(part)
    return f'{{"mime_type": {python_text(part.mime_type)}, "data": {read(part)}}}'
