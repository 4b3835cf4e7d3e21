"""Pieces of JavaScript that the programs of several JavaScript clients share."""

from typing import Final

from pisang.snippets.draft import Draft, Picture
from pisang.snippets.quoting import json_text

FETCH_BYTES: Final = """\
const download = async (address) => Buffer.from(await (await fetch(address)).arrayBuffer());
"""
"""What ``read`` needs for addresses."""


def script(draft: Draft) -> str:
    """The file that the program is to be saved as."""
    return f"{draft.file.stem}.mjs" if draft.file.stem.isascii() else "picture.mjs"


def needs_fetch(draft: Draft) -> bool:
    """Whether the program reads a picture from an address."""
    return any(picture.is_address for picture in draft.pictures)


def read(picture: Picture) -> str:
    """An expression for the picture's bytes."""
    source = json_text(picture.source)
    return f"await download({source})" if picture.is_address else f"await readFile({source})"
