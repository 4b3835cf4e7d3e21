"""openai for JavaScript: OpenAI's images API, by `generate`, or by `edit` for pictures."""

from pisang.snippets.draft import Draft, wish
from pisang.snippets.javascript_source import FETCH_BYTES, needs_fetch, read, script
from pisang.snippets.quoting import json_text

_PROGRAM = """\
// npm install openai, save this as {script}, then: node {script}
import OpenAI{names} from "openai";
import {{ {files} }} from "node:fs/promises";

const client = new OpenAI({{ apiKey: process.env.{key_env}, baseURL: {base} }});
{helpers}const response = await client.images.{method}({{
{arguments}}});
for (const one of response.data) {{
  const name = {stem} + "." + (response.output_format ?? "png");
  await writeFile(name, Buffer.from(one.b64_json, "base64"));
  console.log(name);
}}
"""


def write(draft: Draft) -> str:
    """The program. Ratio and size go as they are: the server takes them beside OpenAI's names."""
    asked = wish(draft, "openai")
    fields: dict[str, str] = {
        "model": json_text(draft.model),
        "prompt": json_text(draft.prompt),
    }
    if draft.pictures:
        fields["image"] = f"[{', '.join(_files(draft))}]"
    for name, value in (
        ("aspect_ratio", asked.ratio),
        ("image_size", asked.size),
        ("seed", asked.seed),
    ):
        if value is not None:
            fields[name] = json_text(value)
    has_files = any(not picture.is_address for picture in draft.pictures)
    return _PROGRAM.format(
        script=script(draft),
        names=", { toFile }" if draft.pictures else "",
        files="readFile, writeFile" if has_files else "writeFile",
        key_env=draft.key_env,
        base=json_text(f"{draft.server}/v1"),
        helpers=FETCH_BYTES if needs_fetch(draft) else "",
        method="edit" if draft.pictures else "generate",
        arguments="".join(f"  {name}: {value},\n" for name, value in fields.items()),
        stem=json_text(draft.stem),
    )


def _files(draft: Draft) -> list[str]:
    return [
        f'await toFile({read(picture)}, "{number}", {{ type: {json_text(picture.mime_type)} }})'
        for number, picture in enumerate(draft.pictures, 1)
    ]
