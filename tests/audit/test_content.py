"""Requests in the audit log of projects that opted in: their words, and never a picture."""

import json

from sqlalchemy import update

from pisang.accounts import projects
from pisang.audit import content
from pisang.audit.listing import page
from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.request import GenerateRequest
from pisang.store.database import Database
from pisang.store.schema import projects as table


def test_a_request_is_told_in_googles_words() -> None:
    asked = GenerateRequest(
        model="m",
        contents=(
            Content(
                Role.USER,
                (Part("a cat"), Part(blob=Blob("image/png", b"x")), Part(file=FileRef("gs://a/b"))),
            ),
        ),
        system_instruction=Content(Role.USER, (Part("be brief"),)),
        negative="dogs",
    )
    assert content.of_request(asked) == {
        "contents": [
            {
                "role": "user",
                "parts": [{"text": "a cat"}, {"picture": "image/png"}, {"file": "gs://a/b"}],
            }
        ],
        "systemInstruction": {"role": "user", "parts": [{"text": "be brief"}]},
        "negativePrompt": "dogs",
    }


async def test_only_projects_that_opted_in_are_wanted(database: Database) -> None:
    async with database.write() as connection:
        one = await projects.ensure(connection, "one")
        other = await projects.ensure(connection, "other")
        row = table.c.id == one.id
        await connection.execute(update(table).where(row).values(audit_content=True))
        assert await content.wanted(connection, one.id)
        assert not await content.wanted(connection, other.id)
        assert not await content.wanted(connection, "prj_none")


async def test_a_request_is_written_down_with_its_words_and_without_keys(
    database: Database,
) -> None:
    key = "psk_" + "aB3" * 12
    await content.keep(
        database,
        actor="key:key_1",
        address="192.0.2.1",
        project_id="prj_1",
        request_id="req_1",
        model="gemini-3-pro-image",
        asked={"prompt": f"a cat that says {key}"},
        finish="STOP",
    )
    async with database.read() as connection:
        (entry,) = (await page(connection)).entries
    assert (entry.action, entry.target) == ("images.generate", "models/gemini-3-pro-image")
    said = json.loads(entry.after)
    assert said["finish"] == "STOP"
    assert said["asked"]["prompt"].startswith("a cat that says sha256:")
    assert key not in entry.after
