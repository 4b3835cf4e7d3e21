"""curl in a POSIX shell: attached files are poured into the body by a pipe, because Linux takes no
argument above 128 KiB, and `base64 -w0` is unknown to macOS. The first "data" of an answer is its
picture, because thoughts (which may hold drafts) come only when they were asked for.
"""

import shlex
from urllib.parse import quote

from pisang.snippets.draft import Draft, Picture
from pisang.snippets.quoting import json_text

_CURL = """\
{body} curl -sS --fail-with-body {address} \\
  -H "x-goog-api-key: ${key_env}" \\
  -H 'Content-Type: application/json' \\
  --data-binary @- -o {answer} &&
  grep -o '"data": *"[^"]*"' {answer} | head -n 1 | cut -d '"' -f 4 | base64 --decode > {file} ||
  cat {answer}
"""


def write(draft: Draft) -> str:
    model = quote(draft.model.removeprefix("models/"), safe="")
    return _CURL.format(
        body=_curl_body(draft),
        address=shlex.quote(f"{draft.server}/v1beta/models/{model}:generateContent"),
        key_env=draft.key_env,
        answer=shlex.quote(str(draft.file.with_suffix(".json"))),
        file=shlex.quote(str(draft.file)),
    )


def _curl_body(draft: Draft) -> str:
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


def _read(picture: Picture) -> str:
    source = shlex.quote(picture.source)
    return f"curl -sSfL {source} | base64" if picture.is_address else f"base64 < {source}"
