"""What callers asked for, in the audit log of projects that opted in (``audit_content``): words
without pictures. Nothing is written for any other project."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.audit.record import record
from pisang.core.content import Content, Part
from pisang.core.request import GenerateRequest
from pisang.core.roles import Action
from pisang.store.database import Database
from pisang.store.schema import projects


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
    """Writes down one request, after its answer. ``asked`` is what ``of_request`` made;
    secrets in it are taken out all the same. Raises ``StoreError``."""
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


def of_request(request: GenerateRequest) -> dict[str, Any]:
    """What a request asks for, in Google's words, without its pictures."""
    system = request.system_instruction
    return {
        "contents": [_content(each) for each in request.contents],
        **({"systemInstruction": _content(system)} if system else {}),
        **({"negativePrompt": request.negative} if request.negative else {}),
    }


def _content(content: Content) -> dict[str, Any]:
    return {"role": content.role.value, "parts": [_part(part) for part in content.parts]}


def _part(part: Part) -> dict[str, Any]:
    if part.blob is not None:
        return {"picture": part.blob.mime_type}
    return {"file": part.file.uri} if part.file is not None else {"text": part.text or ""}
