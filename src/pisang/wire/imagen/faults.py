"""Refusals in the caller's own words: an Imagen request runs as generateContent inside.

Admission blames ``contents[0].parts[1].inline_data``; who sent ``instances[0].image`` must read
that. Only names of ours are exchanged, as whole words.
"""

import re
from collections.abc import Mapping

from pisang.core.errors import RequestError
from pisang.wire.imagen import schema


def rename(error: RequestError, paths: Mapping[str, str]) -> None:
    """Puts Imagen's names into a refusal; ``paths`` are those of the request's own pictures."""
    names = {**_picture_paths(paths), **schema.RENAMED}
    whole = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.])(?:{whole})(?![\w\[])")

    def said(text: str) -> str:
        return pattern.sub(lambda found: names[found[0]], text)

    error.retell(said)


def _picture_paths(paths: Mapping[str, str]) -> dict[str, str]:
    return {
        f"{inside}{suffix}": path
        for inside, path in paths.items()
        for suffix in (".inline_data", ".file_data", "")
    }
