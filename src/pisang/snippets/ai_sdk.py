"""Vercel's AI SDK for JavaScript: pictures are files of a language model in Google's providers, and
images of an image model in the OpenAI-compatible one.
"""

from pisang.snippets.draft import Draft, Picture, Wish, wish
from pisang.snippets.javascript_source import FETCH_BYTES, needs_fetch, read, script
from pisang.snippets.quoting import json_text

_PROGRAM = """\
// npm install ai {package}, save this as {script}, then: node {script}
import {{ {function} }} from "ai";
import {{ {factory} }} from "{package}";
import {{ {files} }} from "node:fs/promises";

const provider = {factory}({{
  {name}apiKey: process.env.{key_env},
  baseURL: {base},
}});
{helpers}const result = await {function}({{
{arguments}}});
{text}for (const file of result.{found}) {{
  const name = {stem} + "." + file.mediaType.split("/").pop();
  await writeFile(name, file.uint8Array);
  console.log(name);
}}
"""


def google(draft: Draft) -> str:
    """@ai-sdk/google, for the Gemini API."""
    return _language(draft, "google", factory="createGoogle", path="/v1beta", key="google")


def vertex(draft: Draft) -> str:
    """@ai-sdk/google-vertex with a key, for Vertex AI's express mode."""
    factory, path = "createGoogleVertex", "/v1/publishers/google"
    return _language(draft, "google-vertex", factory=factory, path=path, key="googleVertex")


def _language(draft: Draft, package: str, *, factory: str, path: str, key: str) -> str:
    asked = wish(draft, f"@ai-sdk/{package}")
    content = "".join(f"    {_part(part)},\n" for part in draft.parts)
    lines = [
        f"model: provider({json_text(draft.model)})",
        f'messages: [{{ role: "user", content: [\n{content}  ] }}]',
    ]
    if asked.seed is not None:
        lines.append(f"seed: {asked.seed}")
    if asked.ratio or asked.size:
        config = json_text({"imageConfig": _named(asked, "aspectRatio", "imageSize")})
        lines.append(f"providerOptions: {{ {key}: {config} }}")
    return _written(draft, lines, package=package, factory=factory, path=path)


def compatible(draft: Draft) -> str:
    """@ai-sdk/openai-compatible, for OpenAI's images API."""
    asked = wish(draft, "@ai-sdk/openai-compatible")
    prompt = json_text(draft.prompt)
    if draft.pictures:
        images = ", ".join(map(read, draft.pictures))
        prompt = f"{{ text: {prompt}, images: [{images}] }}"
    lines = [f"model: provider.imageModel({json_text(draft.model)})", f"prompt: {prompt}"]
    options = {**_named(asked, "aspect_ratio", "image_size"), **_seeded(asked)}
    if options:  # the server's own words: this provider has none for ratio, size and seed
        lines.append(f"providerOptions: {{ pisang: {json_text(options)} }}")
    return _written(draft, lines, package="openai-compatible", path="/v1")


def _named(asked: Wish, ratio: str, size: str) -> dict[str, str]:
    named = {ratio: asked.ratio, size: asked.size}
    return {name: value for name, value in named.items() if value is not None}


def _seeded(asked: Wish) -> dict[str, int]:
    return {} if asked.seed is None else {"seed": asked.seed}


def _written(
    draft: Draft,
    lines: list[str],
    *,
    package: str,
    path: str,
    factory: str = "createOpenAICompatible",
) -> str:
    has_files = any(not picture.is_address for picture in draft.pictures)
    compatible = package == "openai-compatible"
    return _PROGRAM.format(
        package=f"@ai-sdk/{package}",
        script=script(draft),
        function="generateImage" if compatible else "generateText",
        factory=factory,
        files="readFile, writeFile" if has_files else "writeFile",
        name='name: "pisang",\n  ' if compatible else "",
        key_env=draft.key_env,
        base=json_text(f"{draft.server}{path}"),
        helpers=FETCH_BYTES if needs_fetch(draft) else "",
        arguments="".join(f"  {line},\n" for line in lines),
        text="" if compatible else "if (result.text) console.log(result.text);\n",
        found="images" if compatible else "files",
        stem=json_text(draft.stem),
    )


def _part(part: str | Picture) -> str:
    if isinstance(part, str):
        return f'{{ type: "text", text: {json_text(part)} }}'
    kind = json_text(part.mime_type)
    return f'{{ type: "file", data: {read(part)}, mediaType: {kind} }}'
