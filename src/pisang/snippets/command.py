"""Our own command, ``pisang generate``."""

import shlex

from pisang.snippets.draft import Draft, Picture


def write(draft: Draft) -> str:
    config = draft.config.get("generationConfig", {})
    image = config.get("imageConfig", {})
    words = ["pisang", "generate", "-m", draft.model]
    words += _option("-r", image.get("aspectRatio")) + _option("-s", image.get("imageSize"))
    words += _option("--seed", config.get("seed"))
    for part in draft.parts:
        words += _option("-a", part.source) if isinstance(part, Picture) else []
    words += ["-o", str(draft.file), "--server", draft.server]
    prompt = draft.prompt
    line = shlex.join(words) + f' --key "${draft.key_env}"'
    if prompt == "-":  # this word alone means standard input
        return f"printf '%s' - | {line} -\n"
    return f"{line} -- {shlex.quote(prompt)}\n"


def _option(name: str, value: object) -> list[str]:
    return [] if value is None else [name, str(value)]
