"""google-cloud-aiplatform: the generative models of ``vertexai``, with a service account.

Its ``GenerationConfig`` has no word for ratio and size, and its gRPC transport cannot reach a
server on HTTP: hence ``api_transport="rest"``.
"""

from pisang.snippets.draft import Draft, Picture, wish
from pisang.snippets.python_source import imports, indented, read
from pisang.snippets.quoting import python_text

_PROGRAM = """\
# pip install google-cloud-aiplatform
{imports}import google.auth
import vertexai
from vertexai.generative_models import {names}

# GOOGLE_APPLICATION_CREDENTIALS names the file of a service account: pisang service-accounts create
credentials, project = google.auth.default()
vertexai.init(
    project=project,
    location="us-central1",
    credentials=credentials,
    api_endpoint={server},
    api_transport="rest",
)
response = GenerativeModel({model}).generate_content(
    [
{parts}    ],
{config})
for part in response.candidates[0].content.parts:
    if part.inline_data.data:
        name = {stem} + "." + part.inline_data.mime_type.split("/")[-1]
        with open(name, "wb") as file:
            file.write(part.inline_data.data)
        print(name)
    else:
        print(part.text)
"""


def write(draft: Draft) -> str:
    """The program. Raises ``UnsupportedParameter`` for a ratio or a size."""
    asked = wish(draft, "google-cloud-aiplatform", shape=False)
    names = ["GenerativeModel"]
    if draft.pictures:
        names.append("Part")
    if asked.seed is not None:
        names.insert(0, "GenerationConfig")
    lines = imports(draft)
    seeded = f"    generation_config=GenerationConfig(seed={asked.seed}),\n"
    return _PROGRAM.format(
        imports=f"{lines}\n" if lines else "",
        names=", ".join(names),
        server=python_text(draft.server),
        model=python_text(draft.model),
        parts=indented(map(_part, draft.parts), 8),
        config="" if asked.seed is None else seeded,
        stem=python_text(draft.stem),
    )


def _part(part: str | Picture) -> str:
    if isinstance(part, str):
        return python_text(part)
    return f"Part.from_data({read(part)}, mime_type={python_text(part.mime_type)})"
