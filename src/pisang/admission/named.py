"""The files that a request names and does not send: which they are, and how they come into it.

Where they are looked for is for who brings them (``references.py``): this knows no database.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from pisang.core.caller import Caller
from pisang.core.content import Blob, Content, FileRef, Part
from pisang.core.request import GenerateRequest


class References(Protocol):
    """Brings the bytes of files that a request names and does not send."""

    async def load(self, caller: Caller, files: Mapping[str, FileRef]) -> Mapping[str, Blob]:
        """All files of a request, by the field that names each. Raises a ``PisangError`` that
        blames a field."""
        ...

    async def own(self, caller: Caller, files: Mapping[str, FileRef]) -> Mapping[str, Blob]:
        """Those of them that nobody but this server has. Raises what ``load`` raises."""
        ...


def named_files(request: GenerateRequest) -> Mapping[str, FileRef]:
    """The files by the field that names each."""
    if not any(part.file for content in request.contents for part in content.parts):
        return {}
    return {_field(path): part.file for path, part in request.parts() if part.file}


async def with_files(
    references: References | None, caller: Caller, request: GenerateRequest
) -> GenerateRequest:
    """The request with every file that it names brought here. Raises what ``load`` raises."""
    named = named_files(request)
    if references is None or not named:
        return request  # without a place to look, admission refuses them
    found = await references.load(caller, named)

    def loaded(part: Part, path: str) -> Part:
        if part.file is None:
            return part
        return replace(part, file=None, blob=replace(found[_field(path)], named=True))

    contents = tuple(
        Content(
            content.role,
            tuple(
                loaded(part, f"contents[{turn}].parts[{index}]")
                for index, part in enumerate(content.parts)
            ),
        )
        for turn, content in enumerate(request.contents)
    )
    return replace(request, contents=contents)


def _field(path: str) -> str:
    return f"{path}.file_data"
