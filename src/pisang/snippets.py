"""Get code: the program that asks for the same picture, in the language a developer uses.

A snippet is text that someone pastes and runs, so every letter of the prompt must come out as that
letter and never as code. All programs are written from one JSON document, the body that
``wire/gemini`` makes of the request, so they cannot ask for different things. Pictures are read by
the program from where they lie (a path or an address): as base64 text in the source they would be
longer than shells accept.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from pisang.core.content import Blob, Part
from pisang.core.errors import UnsupportedParameter
from pisang.core.request import GenerateRequest
from pisang.wire.gemini import request as gemini


class Language(StrEnum):
    """What a snippet is written in."""

    CURL = "curl"
    PYTHON = "python"
    JAVASCRIPT = "javascript"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class _Picture:
    """An attached picture: a path or an http(s) address, and its media type."""

    source: str
    mime_type: str

    @property
    def is_address(self) -> bool:
        return self.source.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """All that a writer needs. ``parts`` are texts and pictures in the order of the request;
    ``config`` is the body without contents, camelCase, ``generationConfig`` still nested."""

    model: str
    parts: tuple[str | _Picture, ...]
    config: Mapping[str, Any]
    server: str
    key_env: str
    file: PurePath


def snippet(
    request: GenerateRequest,
    language: Language,
    *,
    server: str = "http://127.0.0.1:8787",
    key_env: str = "PISANG_KEY",
    file: str = "picture.png",
) -> str:
    """Writes the program that sends ``request`` to ``server``, ending in a line break.

    The key is read from the environment variable ``key_env``, never written into the text. A
    picture in the request is read from ``file.uri``, or from the ``display_name`` of its blob.
    ``file`` is what the answer is saved as; SDK programs correct its suffix by what comes.

    Raises ``UnsupportedParameter`` for more than one turn, and for a ``key_env`` that is no name.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key_env):
        raise UnsupportedParameter(
            f"{key_env!r} cannot name an environment variable: use letters, digits and _",
            field="key_env",
        )
    if len(request.contents) != 1:
        raise UnsupportedParameter(
            f"Code is written for one turn, not for a chat of {len(request.contents)}",
            field="contents",
        )
    body: dict[str, Any] = json.loads(gemini.encode(_without_pictures(request)))
    config = {name: value for name, value in body.items() if name not in ("contents", "model")}
    draft = _Draft(
        model=request.model,
        parts=tuple(_pieces(request)),
        config=config,
        server=server.rstrip("/"),
        key_env=key_env,
        file=PurePath(file),
    )
    return _WRITERS[language](draft)


def _without_pictures(request: GenerateRequest) -> GenerateRequest:
    return replace(request, contents=(replace(request.contents[0], parts=(Part(text="-"),)),))


def _pieces(request: GenerateRequest) -> Iterator[str | _Picture]:
    for number, part in enumerate(request.contents[0].parts, 1):
        if part.text is not None:
            yield part.text
        elif part.file is not None:
            yield _Picture(part.file.uri, part.file.mime_type or "image/png")
        elif part.blob is not None:
            yield _Picture(_name(part.blob, number), part.blob.mime_type)


def _name(blob: Blob, number: int) -> str:
    return blob.display_name or f"picture-{number}.{blob.mime_type.rpartition('/')[2]}"


# --- quoting ----------------------------------------------------------------------------------
# JSON's string form is the ground of three languages: it is a legal JavaScript literal, and a legal
# Python one as long as no pair of \uD8xx\uDCxx escapes stands for one letter. Letters that cannot
# be seen (also those that reorder what is seen) are written as escapes.

_JOINERS = "\u200c\u200d"  # needed inside Persian words and inside emoji


def json_text(value: Any) -> str:
    """A JSON document on one line: also a JavaScript expression, and free of invisible letters."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return _visible(text, lambda letter: json.dumps(letter)[1:-1])


def python_text(text: str) -> str:
    """A Python string literal in double quotes."""
    return _visible(json.dumps(text, ensure_ascii=False), _python_escape)


def _python_escape(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def _visible(text: str, escape: Callable[[str], str]) -> str:
    return "".join(
        letter if letter.isprintable() or letter in _JOINERS else escape(letter) for letter in text
    )


# --- curl -------------------------------------------------------------------------------------
# Attached files are poured into the body by a pipe: Linux takes no argument above 128 KiB, and
# `base64 -w0` is unknown to macOS. The first "data" of an answer is its picture, because thoughts
# (which may hold drafts) come only when they were asked for.

_CURL = """\
{body} curl -sS --fail-with-body {address} \\
  -H "x-goog-api-key: ${key_env}" \\
  -H 'Content-Type: application/json' \\
  --data-binary @- -o {answer} &&
  grep -o '"data": *"[^"]*"' {answer} | head -n 1 | cut -d '"' -f 4 | base64 --decode > {file} ||
  cat {answer}
"""


def _curl(draft: _Draft) -> str:
    model = quote(draft.model.removeprefix("models/"), safe="")
    return _CURL.format(
        body=_curl_body(draft),
        address=shlex.quote(f"{draft.server}/v1beta/models/{model}:generateContent"),
        key_env=draft.key_env,
        answer=shlex.quote(str(draft.file.with_suffix(".json"))),
        file=shlex.quote(str(draft.file)),
    )


def _curl_body(draft: _Draft) -> str:
    lines, open_text = list[str](), '{"contents": [{"role": "user", "parts": ['
    for number, part in enumerate(draft.parts):
        open_text += ", " if number else ""
        if isinstance(part, str):
            open_text += json_text({"text": part})
            continue
        head = json_text({"inlineData": {"mimeType": part.mime_type, "data": ""}})
        lines.append(_printf(open_text + head.removesuffix('"}}')))
        lines.append(f"  {_read(part)} | tr -d '\\n'")
        open_text = '"}}'
    config = json_text(draft.config)[1:]  # continues the object that is open
    lines.append(_printf(f"{open_text}]}}]" + (f", {config}" if draft.config else "}")))
    if len(lines) == 1:
        return f"{lines[0].strip()} |"
    return "{\n" + "\n".join(lines) + "\n} |"


def _printf(text: str) -> str:
    return f"  printf '%s' {shlex.quote(text)}"


def _read(picture: _Picture) -> str:
    source = shlex.quote(picture.source)
    return f"curl -sSfL {source} | base64" if picture.is_address else f"base64 < {source}"


# --- google-genai for Python --------------------------------------------------------------------

_PYTHON = """\
# pip install google-genai
import os
{imports}
from google import genai
from google.genai import types

client = genai.Client(
    api_key=os.environ["{key_env}"],
    vertexai=False,  # also where the environment would choose Vertex AI
    http_options=types.HttpOptions(base_url={server}),
)
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

_PYTHON_TYPES = {"imageConfig": "ImageConfig", "thinkingConfig": "ThinkingConfig"}


def _python(draft: _Draft) -> str:
    pictures = [part for part in draft.parts if isinstance(part, _Picture)]
    imports = {
        "from urllib.request import urlopen" if picture.is_address else "from pathlib import Path"
        for picture in pictures
    }
    config = "".join(
        f"        {_snake(name)}={_python_value(name, value)},\n"
        for name, value in _flat(draft.config).items()
    )
    return _PYTHON.format(
        imports="".join(f"{line}\n" for line in sorted(imports)),
        key_env=draft.key_env,
        server=python_text(draft.server),
        model=python_text(draft.model),
        parts="\n".join(f"        {_python_part(part)}," for part in draft.parts),
        config=f"    config=types.GenerateContentConfig(\n{config}    ),\n" if config else "",
        stem=python_text(str(draft.file.with_suffix(""))),
    )


def _python_part(part: str | _Picture) -> str:
    if isinstance(part, str):
        return python_text(part)
    source = python_text(part.source)
    read = f"urlopen({source}).read()" if part.is_address else f"Path({source}).read_bytes()"
    return f"types.Part.from_bytes(data={read}, mime_type={python_text(part.mime_type)})"


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


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """The SDKs have one ``config``: what the wire nests in generationConfig, beside the rest."""
    rest = {name: value for name, value in config.items() if name != "generationConfig"}
    return {**config.get("generationConfig", {}), **rest}


# --- @google/genai for JavaScript ---------------------------------------------------------------

_JAVASCRIPT = """\
// npm install @google/genai, save this as {script}, then: node {script}
import {{ GoogleGenAI }} from "@google/genai";
import {{ readFile, writeFile }} from "node:fs/promises";

const ai = new GoogleGenAI({{
  apiKey: process.env.{key_env},
  vertexai: false, // also where the environment would choose Vertex AI
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


def _javascript(draft: _Draft) -> str:
    has_files = any(isinstance(part, _Picture) and not part.is_address for part in draft.parts)
    has_addresses = any(isinstance(part, _Picture) and part.is_address for part in draft.parts)
    config = "".join(
        f"    {name}: {_javascript_value(value)},\n" for name, value in _flat(draft.config).items()
    )
    text = _JAVASCRIPT.format(
        script=f"{draft.file.stem}.mjs" if draft.file.stem.isascii() else "picture.mjs",
        key_env=draft.key_env,
        server=json_text(draft.server),
        helpers=_FETCH_IMAGE if has_addresses else "",
        model=json_text(draft.model),
        parts="\n".join(f"    {_javascript_part(part)}," for part in draft.parts),
        config=f"  config: {{\n{config}  }},\n" if config else "",
        stem=json_text(str(draft.file.with_suffix(""))),
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


def _javascript_part(part: str | _Picture) -> str:
    if isinstance(part, str):
        return f"{{ text: {json_text(part)} }}"
    source = json_text(part.source)
    data = f"await download({source})" if part.is_address else f'await readFile({source}, "base64")'
    return f"{{ inlineData: {{ mimeType: {json_text(part.mime_type)}, data: {data} }} }}"


# --- our own command ----------------------------------------------------------------------------


def _cli(draft: _Draft) -> str:
    config = draft.config.get("generationConfig", {})
    image = config.get("imageConfig", {})
    words = ["pisang", "generate", "-m", draft.model]
    words += _option("-r", image.get("aspectRatio")) + _option("-s", image.get("imageSize"))
    words += _option("--seed", config.get("seed"))
    for part in draft.parts:
        words += _option("-a", part.source) if isinstance(part, _Picture) else []
    words += ["-o", str(draft.file), "--server", draft.server]
    prompt = "\n".join(part for part in draft.parts if isinstance(part, str))
    line = shlex.join(words) + f' --key "${draft.key_env}"'
    if prompt == "-":  # this word alone means standard input
        return f"printf '%s' - | {line} -\n"
    return f"{line} -- {shlex.quote(prompt)}\n"


def _option(name: str, value: object) -> list[str]:
    return [] if value is None else [name, str(value)]


_WRITERS: Mapping[Language, Callable[[_Draft], str]] = {
    Language.CURL: _curl,
    Language.PYTHON: _python,
    Language.JAVASCRIPT: _javascript,
    Language.CLI: _cli,
}
