"""@google/genai for JavaScript, with a key for the Gemini API or for Vertex AI."""

from typing import Any

from pisang.snippets.draft import Draft, Picture, flat
from pisang.snippets.quoting import json_text

_JAVASCRIPT = """\
// npm install @google/genai, save this as {script}, then: node {script}
import {{ GoogleGenAI }} from "@google/genai";
import {{ readFile, writeFile }} from "node:fs/promises";

const ai = new GoogleGenAI({{
  apiKey: process.env.{key_env},
  vertexai: {mode}
  httpOptions: {{ baseUrl: {server} }},
}});
{helpers}const response = await ai.models.generateContent({{
  model: {model},
  contents: [{{ role: "user", parts: [
{parts}
  ] }}],
{config}}});
for (const part of response.candidates?.[0]?.content?.parts ?? []) {{
  if (part.thought) continue;
  if (part.text) console.log(part.text);
  if (part.inlineData) {{
    const name = {stem} + "." + part.inlineData.mimeType.split("/").pop();
    await writeFile(name, Buffer.from(part.inlineData.data, "base64"));
    console.log(name);
  }}
}}
"""


def developer(draft: Draft) -> str:
    """For the Gemini API."""
    return _program(draft, "false, // also where the environment would choose Vertex AI")


def express(draft: Draft) -> str:
    """For Vertex AI, with a key and no project."""
    return _program(draft, "true,")


def _program(draft: Draft, mode: str) -> str:
    has_files = any(isinstance(part, Picture) and not part.is_address for part in draft.parts)
    has_addresses = any(isinstance(part, Picture) and part.is_address for part in draft.parts)
    config = "".join(
        f"    {name}: {_javascript_value(value)},\n" for name, value in flat(draft.config).items()
    )
    text = _JAVASCRIPT.format(
        script=f"{draft.file.stem}.mjs" if draft.file.stem.isascii() else "picture.mjs",
        key_env=draft.key_env,
        mode=mode,
        server=json_text(draft.server),
        helpers=_FETCH_IMAGE if has_addresses else "",
        model=json_text(draft.model),
        parts="\n".join(f"    {_javascript_part(part)}," for part in draft.parts),
        config=f"  config: {{\n{config}  }},\n" if config else "",
        stem=json_text(draft.stem),
    )
    return text if has_files else text.replace("{ readFile, writeFile }", "{ writeFile }", 1)


_FETCH_IMAGE = """\
const download = async (address) =>
  Buffer.from(await (await fetch(address)).arrayBuffer()).toString("base64");
"""


def _javascript_value(value: Any) -> str:
    if isinstance(value, dict):
        fields = (f"{name}: {_javascript_value(item)}" for name, item in value.items())
        return "{ " + ", ".join(fields) + " }"
    return json_text(value)


def _javascript_part(part: str | Picture) -> str:
    if isinstance(part, str):
        return f"{{ text: {json_text(part)} }}"
    source = json_text(part.source)
    data = f"await download({source})" if part.is_address else f'await readFile({source}, "base64")'
    return f"{{ inlineData: {{ mimeType: {json_text(part.mime_type)}, data: {data} }} }}"
