"""pydantic-ai: an agent on Google's model, whose tool for pictures carries ratio and size."""

from pisang.snippets.draft import Draft, Picture, wish
from pisang.snippets.python_source import imports, indented, read
from pisang.snippets.quoting import python_text

_PROGRAM = """\
# pip install "pydantic-ai-slim[google]"
{imports}
from pydantic_ai import Agent, {content}BinaryImage
from pydantic_ai.capabilities import NativeTool
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.native_tools import ImageGenerationTool
from pydantic_ai.providers.google import GoogleProvider

provider = GoogleProvider(api_key=os.environ["{key_env}"], base_url={server})
agent = Agent(
    GoogleModel({model}, provider=provider),
    capabilities=[NativeTool(ImageGenerationTool({shape}))],
    output_type=[str, BinaryImage],
)
result = agent.run_sync(
    [
{parts}    ],
{settings})
if result.response.text:
    print(result.response.text)
for picture in result.response.images:
    name = {stem} + "." + picture.media_type.split("/")[-1]
    with open(name, "wb") as file:
        file.write(picture.data)
    print(name)
"""


def write(draft: Draft) -> str:
    """The program, for the Gemini API with a key."""
    asked = wish(draft, "pydantic-ai")
    shape = {"aspect_ratio": asked.ratio, "size": asked.size}
    kept = [f"{name}={python_text(value)}" for name, value in shape.items() if value]
    seeded = f'    model_settings={{"seed": {asked.seed}}},\n'
    return _PROGRAM.format(
        imports=imports(draft, "import os"),
        content="BinaryContent, " if draft.pictures else "",
        key_env=draft.key_env,
        server=python_text(draft.server),
        model=python_text(draft.model),
        shape=", ".join(kept),
        parts=indented(map(_part, draft.parts), 8),
        settings="" if asked.seed is None else seeded,
        stem=python_text(draft.stem),
    )


def _part(part: str | Picture) -> str:
    if isinstance(part, str):
        return python_text(part)
    return f"BinaryContent({read(part)}, media_type={python_text(part.mime_type)})"
