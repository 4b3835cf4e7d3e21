"""What callers asked for, in the audit log of projects that opted in (``audit_content``): words
without pictures. Nothing is written for any other project."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.audit.record import record
from pisang.core.content import Content, Part
from pisang.core.request import GenerateRequest
from pisang.core.roles import Action
from pisang.store.database import Database
from pisang.store.schema import projects

_LONGEST: Final = 2_000  # letters of a text without a space in it: longer ones are no words
_PICTURES: Final = frozenset(
    {"data", "bytesBase64Encoded", "b64_json", "thoughtSignature", "thought_signature"}
)
"""Fields of the dialects that hold bytes."""


async def wanted(connection: AsyncConnection, project_id: str) -> bool:
    """Whether a project opted in."""
    query = select(projects.c.audit_content).where(projects.c.id == project_id)
    return bool(await connection.scalar(query))


async def keep(
    database: Database,
    *,
    actor: str,
    address: str,
    project_id: str,
    request_id: str,
    model: str,
    asked: Any,
    finish: str,
) -> None:
    """Writes down one request, after its answer. ``asked`` is what ``of_body`` or ``of_request``
    made; secrets in it are taken out all the same. Raises ``StoreError``."""
    async with database.write() as connection:
        await record(
            connection,
            actor=actor,
            action=Action.IMAGES_GENERATE.value,
            address=address,
            project_id=project_id,
            target=f"models/{model}",
            after={"asked": asked, "finish": finish},
            request_id=request_id,
            prompts=True,
        )


def of_body(body: bytes) -> Any:
    """What a body of JSON asks for, without its pictures. Reading a large one takes its time: call
    it in a thread."""
    try:
        return without_pictures(json.loads(body))
    except (ValueError, RecursionError):
        return f"({len(body)} bytes)"


def of_request(request: GenerateRequest) -> dict[str, Any]:
    """What a request asks for, in Google's words, without its pictures."""
    system = request.system_instruction
    return {
        "contents": [_content(each) for each in request.contents],
        **({"systemInstruction": _content(system)} if system else {}),
        **({"negativePrompt": request.negative} if request.negative else {}),
    }


def without_pictures(value: Any) -> Any:
    """JSON in which bytes are only counted."""
    if isinstance(value, Mapping):
        return {
            name: _counted(each)
            if name in _PICTURES and isinstance(each, str)
            else without_pictures(each)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [without_pictures(each) for each in value]
    if isinstance(value, str) and (value.startswith("data:") or _is_no_word(value)):
        return _counted(value)
    return value


def _content(content: Content) -> dict[str, Any]:
    return {"role": content.role.value, "parts": [_part(part) for part in content.parts]}


def _part(part: Part) -> dict[str, Any]:
    if part.blob is not None:
        return {"picture": part.blob.mime_type}
    return {"file": part.file.uri} if part.file is not None else {"text": part.text or ""}


def _is_no_word(text: str) -> bool:
    return len(text) > _LONGEST and " " not in text[:_LONGEST]


def _counted(text: str) -> str:
    return f"({len(text)} letters)"
