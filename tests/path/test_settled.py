"""However a request ends, what was held for it is settled once, and counted where it has to be.

The stand-in upstreams answer, break and fall silent; the tables of the ledger are looked at after.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pisang.accounts import projects
from pisang.core.errors import PisangError, StoreError
from pisang.ledger import limits
from pisang.ledger.desk import LedgerDesk
from pisang.ledger.usage import usage
from pisang.ledger.verify import verify
from pisang.ledger.words import Bill, Demand, Hold
from pisang.store import revisions, schema
from pisang.store.database import Database
from pisang.store.open import opened
from pisang.wire.gemini.usage import SERVED_TIER
from pisang.wire.gemini.vertex import SHARED_TYPE
from tests.path.asgi import MODEL, PROMPT, Reply, call, generate, streamed
from tests.path.routed import Routed, google, openai, routed, vertex
from tests.routing.matrix import GOOD, GOOD_STREAM, PICTURE, answer
from tests.upstream import (
    CUT,
    HANG,
    NONE,
    RESET,
    Answer,
    Received,
    Script,
    chunked,
    error,
    sse,
    upstream,
    whole,
)

_CHAT = {"model": MODEL, "messages": [{"role": "user", "content": "a field"}]}
_URL = f"data:image/png;base64,{PICTURE}"
_SHOWN = {"inlineData": {"mimeType": "image/png", "data": PICTURE}}
_TEXT = answer({"text": "Here it is."}, reason=None)
_UNTOLD = {key: value for key, value in _TEXT.items() if key != "usageMetadata"}
_REFUSED = answer(reason="IMAGE_SAFETY")
_WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "whole": (generate(), PROMPT),
    "stream": (streamed(), PROMPT),
    "another dialect": ("/v1/chat/completions", _CHAT),
}

_PRIORITY: dict[str, dict[str, Any]] = {
    "whole": {"serviceTier": "priority"},
    "stream": {"service_tier": "PRIORITY"},
    "another dialect": {"service_tier": "priority"},
}
_TIER_NAMES = {"serviceTier", "service_tier"}
_USED = {"promptTokenCount": 7, "candidatesTokenCount": 1120, "totalTokenCount": 1127}


@dataclass(frozen=True, kw_only=True)
class End:
    """What the upstream says, whole or streamed; how the hold ends then (``post``, ``void``), and
    whether it costs anything."""

    whole: Script
    stream: Script
    kind: str
    paid: bool = False
    leaves: bool = False  # the caller does, when it has been asked
    seconds: float | None = None


def _streams(script: Script, stream: Script) -> Script:
    """The one or the other, by what is asked for."""

    def chosen(asked: Received) -> Answer:
        said = stream if "stream" in asked.target else script
        return said if isinstance(said, tuple) else said(asked)

    return chosen


_ENDS = {
    "a picture": End(whole=GOOD, stream=GOOD_STREAM, kind="post", paid=True),
    "a refusal": End(
        whole=chunked(json.dumps(_REFUSED).encode()), stream=sse(_REFUSED), kind="post", paid=True
    ),
    "a bad request": End(whole=error(400), stream=error(400), kind="void"),
    "no room": End(whole=error(429), stream=error(429), kind="void"),
    "an error": End(whole=error(500), stream=error(500), kind="void"),
    "a broken connection": End(whole=(RESET,), stream=(RESET,), kind="void"),
    "no JSON": End(whole=chunked(b"<html>"), stream=chunked(b"<html>"), kind="void"),
    "silence until the deadline": End(whole=(HANG,), stream=(HANG,), kind="void", seconds=0.3),
    "nobody to hear it": End(whole=(HANG,), stream=(HANG,), kind="void", leaves=True),
    "cut before a picture": End(
        whole=chunked(json.dumps(_UNTOLD).encode()[:-1], CUT),
        stream=sse(_UNTOLD, CUT),
        kind="void",
    ),
}


@pytest.mark.parametrize(("way", "limited"), [*((way, True) for way in _WAYS), ("whole", False)])
@pytest.mark.parametrize("end", _ENDS)
async def test_a_request_is_settled_once(way: str, end: str, limited: bool, tmp_path: Path) -> None:
    wanted = _ENDS[end]
    async with (
        upstream(_streams(wanted.whole, wanted.stream)) as there,
        routed(tmp_path, {"studio": google(there.url)}) as pisang,
    ):
        if limited:
            await _limit(pisang, rpm=50)
        leaves = asyncio.Event()
        asking = asyncio.create_task(_ask(pisang, way, leaves, seconds=wanted.seconds))
        async with asyncio.timeout(5):
            await there.asked.wait()
        if wanted.leaves:
            leaves.set()
        await asking
        posts = await _settled(pisang.app.database, {"hold": 1, wanted.kind: 1})
        assert [row.amount > 0 for row in posts] == [wanted.paid] * (wanted.kind == "post")
        assert await _counted(pisang) == int(limited)


@pytest.mark.parametrize("way", _WAYS)
async def test_the_next_engine_is_not_another_request(way: str, tmp_path: Path) -> None:
    async with (
        upstream(error(503)) as busy,
        upstream(_streams(GOOD, GOOD_STREAM)) as well,
        routed(tmp_path, {"one": google(busy.url), "two": google(well.url)}) as pisang,
    ):
        await _limit(pisang, rpm=50, concurrent=1)
        assert (await _ask(pisang, way)).status == 200
        (post,) = await _settled(pisang.app.database, {"hold": 1, "post": 1})
        assert post.engine == "two"
        assert await _counted(pisang) == 1
        assert await _counted(pisang, "concurrent") == 0


@pytest.mark.parametrize("way", _WAYS)
async def test_of_two_that_are_asked_one_is_paid(way: str, tmp_path: Path) -> None:
    async with (
        upstream((HANG,)) as silent,
        upstream(_streams(GOOD, GOOD_STREAM)) as well,
        routed(
            tmp_path, {"one": google(silent.url), "two": google(well.url)}, hedge_after=0.05
        ) as pisang,
    ):
        await _limit(pisang, rpm=50)
        assert (await _ask(pisang, way)).status == 200
        (post,) = await _settled(pisang.app.database, {"hold": 1, "post": 1})
        assert post.engine == "two"
        assert await _counted(pisang) == 1


async def test_what_we_refuse_is_counted_nowhere(tmp_path: Path) -> None:
    async with upstream(GOOD) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        await _limit(pisang, rpm=50)
        odd = {**PROMPT, "generationConfig": {"imageConfig": {"imageSize": "9K"}}}
        reply = await pisang.post(generate(), json.dumps(odd).encode())
        assert reply.status == 400
        assert there.requests == []
        assert await _settled(pisang.app.database, {}) == []
        assert await _counted(pisang) == 0


async def test_an_answer_that_told_its_usage_and_broke_off_is_charged(tmp_path: Path) -> None:
    """The upstream sends its bill for it as well."""
    said = sse(answer(_SHOWN, reason=None), CUT)
    async with upstream(said) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        await _limit(pisang, rpm=50)
        await _ask(pisang, "stream")
        (post,) = await _settled(pisang.app.database, {"hold": 1, "post": 1})
        assert json.loads(post.usage)["images"] == 1
        assert json.loads(post.components)["output_image"] > 0


@pytest.mark.parametrize("way", ["stream", "another dialect"])
async def test_who_leaves_in_the_middle_pays_for_what_was_drawn(way: str, tmp_path: Path) -> None:
    first = answer(_SHOWN, reason=None)
    said = _streams(chunked(json.dumps(first).encode()[:-1], HANG), sse(first, HANG))
    async with upstream(said) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        await _limit(pisang, rpm=50)
        leaves, reply = asyncio.Event(), Reply()
        asking = asyncio.create_task(_ask(pisang, way, leaves, into=reply))
        async with asyncio.timeout(5):
            await there.asked.wait()
            while way == "stream" and not reply.pieces:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        leaves.set()
        await asking
        kind = "post" if way == "stream" else "void"  # the other has drawn nothing that was whole
        await _settled(pisang.app.database, {"hold": 1, kind: 1})
        assert await _counted(pisang) == 1


@pytest.mark.parametrize("way", _WAYS)
async def test_a_hold_that_cannot_be_written_asks_nobody(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: LedgerDesk, __: Demand) -> Hold:
        raise StoreError("The disk is full.")

    async with upstream(GOOD) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        await _limit(pisang, rpm=50)
        monkeypatch.setattr(LedgerDesk, "hold", full)
        assert (await _ask(pisang, way)).status >= 500
        assert there.requests == []
        assert await _settled(pisang.app.database, {}) == []


@pytest.mark.parametrize("way", _WAYS)
async def test_an_answer_whose_post_is_not_written_does_not_end_well(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: LedgerDesk, __: Hold, ___: Bill) -> None:
        raise StoreError("The disk is full.")

    said = _streams(GOOD, GOOD_STREAM)
    async with upstream(said) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        await _limit(pisang, rpm=50)
        with monkeypatch.context() as broken:
            broken.setattr(LedgerDesk, "post", full)
            reply = await _ask(pisang, way)
        assert reply.status != 200 or not reply.ended or b'"error"' in reply.body
        assert await _counted(pisang) == 1


async def test_a_hold_whose_caller_left_while_it_waited_is_freed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins, goes_on = asyncio.Event(), asyncio.Event()
    submit = LedgerDesk._submit

    def waits(desk: LedgerDesk) -> None:
        begins.set()
        asyncio.get_running_loop().create_task(later(desk))

    async def later(desk: LedgerDesk) -> None:
        await goes_on.wait()
        submit(desk)

    async with upstream(GOOD) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        await _limit(pisang, rpm=50, concurrent=1)
        leaves = asyncio.Event()
        with monkeypatch.context() as slow:
            slow.setattr(LedgerDesk, "_submit", waits)
            asking = asyncio.create_task(_ask(pisang, "whole", leaves))
            async with asyncio.timeout(5):
                await begins.wait()
            leaves.set()
            await asking
        goes_on.set()
        await _settled(pisang.app.database, {"hold": 1, "void": 1})
        assert there.requests == []
        assert (await _counted(pisang), await _counted(pisang, "concurrent")) == (0, 0)


@pytest.mark.parametrize("way", _WAYS)
async def test_a_server_that_stops_leaves_nothing_open(way: str, tmp_path: Path) -> None:
    async with upstream((HANG,)) as there:
        async with routed(tmp_path, {"studio": google(there.url)}) as pisang:
            asking = asyncio.create_task(_ask(pisang, way))
            async with asyncio.timeout(5):
                await there.asked.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        async with opened(tmp_path) as (_, database):
            await _settled(database, None)


async def test_pictures_of_one_request_are_one_request_in_limits(tmp_path: Path) -> None:
    body = {"model": MODEL, "prompt": "a field", "n": 3}
    async with (
        upstream(GOOD, error(400), GOOD) as there,
        routed(tmp_path, {"studio": google(there.url)}) as pisang,
    ):
        await _limit(pisang, rpm=50, ipm=50)
        await pisang.post(
            "/v1/images/generations",
            json.dumps(body).encode(),
            authorization=f"Bearer {pisang.key}",
        )
        await _settled(pisang.app.database, None)
        assert (await _counted(pisang), await _counted(pisang, "ipm")) == (1, 3)
        assert await _requests(pisang) == (1, 0, 2)


async def test_pictures_that_an_engine_of_their_dialect_failed_to_make_are_counted_once(
    tmp_path: Path,
) -> None:
    """Then each is asked for by itself: they are one request still."""
    body = {"model": MODEL, "prompt": "a field", "n": 3}
    async with (
        upstream(error(503)) as busy,
        upstream(GOOD) as well,
        routed(tmp_path, {"relay": openai(busy.url), "studio": google(well.url)}) as pisang,
    ):
        await _limit(pisang, rpm=50, ipm=50, concurrent=1)
        reply = await pisang.post(
            "/v1/images/generations",
            json.dumps(body).encode(),
            authorization=f"Bearer {pisang.key}",
        )
        assert reply.status == 200
        assert (len(busy.requests), len(well.requests)) == (2, 3)
        await _settled(pisang.app.database, {"hold": 4, "void": 1, "post": 3})
        assert (await _counted(pisang), await _counted(pisang, "ipm")) == (1, 3)
        assert await _requests(pisang) == (1, 0, 3)


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("cloud", [False, True])
async def test_who_finds_no_room_at_priority_asks_for_standard(
    way: str, cloud: bool, tmp_path: Path
) -> None:
    """The tier that the limits granted is the one that the upstream is asked for."""
    said = _streams(GOOD, GOOD_STREAM)
    async with upstream(said) as there:
        engine = vertex(there.url) if cloud else google(there.url)
        async with routed(tmp_path, {"theirs": engine}) as pisang:
            await _limit(pisang, rpm=4)  # three tenths of it are one
            for _ in range(2):
                assert (await _ask(pisang, way, more=_PRIORITY[way])).status == 200
            first, second = await _settled(pisang.app.database, {"hold": 2, "post": 2})
            assert (first.tier, second.tier) == ("priority", "standard")
        tiers = [
            SHARED_TYPE in asked.headers or not _TIER_NAMES.isdisjoint(asked.json)
            for asked in there.requests
        ]
        assert tiers == [True, False]
        assert all(asked.json["contents"][0]["parts"] for asked in there.requests)


@pytest.mark.parametrize(
    ("profile", "address", "asked"),
    [
        ("chat-images", "/v1/chat/completions", _CHAT),
        ("chat-markdown", "/v1/chat/completions", _CHAT),  # read, and written for this server
        ("images", "/v1/images/generations", {"model": MODEL, "prompt": "a field"}),
    ],
)
async def test_who_finds_no_room_at_priority_asks_a_relay_for_standard(
    profile: str, address: str, asked: dict[str, Any], tmp_path: Path
) -> None:
    shown = {"role": "assistant", "images": [{"image_url": {"url": _URL}}]}
    choice = {"index": 0, "message": shown, "finish_reason": "stop"}
    said = whole({"choices": [choice], "data": [{"b64_json": PICTURE}]})
    body = json.dumps(asked | {"strange": 1.0, "service_tier": "priority"})
    if profile == "chat-markdown":
        body = json.dumps(asked | {"service_tier": "priority"})
    async with (
        upstream(said) as there,
        routed(tmp_path, {"theirs": openai(there.url, profile)}) as pisang,
    ):
        await _limit(pisang, rpm=4)  # three tenths of it are one
        for _ in range(2):
            reply = await pisang.post(address, body.encode(), authorization=f"Bearer {pisang.key}")
            assert reply.status == 200, reply.body
        first, second = await _settled(pisang.app.database, {"hold": 2, "post": 2})
        assert (first.tier, second.tier) == ("priority", "standard")
    tiers = [each.json.get("service_tier") for each in there.requests]
    assert tiers[0] == "priority"
    assert tiers[1] in ("default", None)
    if profile != "chat-markdown":
        assert there.requests[0].body == body.encode()
        assert there.requests[1].body == body.replace('"priority"', '"default"').encode()


@pytest.mark.parametrize(("tier", "served"), [("1", "standard"), ("2", "priority")])
@pytest.mark.parametrize("way", _WAYS)
async def test_only_usage_tiers_that_have_priority_are_served_at_it(
    way: str, tier: str, served: str, tmp_path: Path
) -> None:
    said = _streams(GOOD, GOOD_STREAM)
    async with upstream(said) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        async with pisang.app.database.write() as connection:
            await projects.change(connection, "default", wish=projects.Wish(tier=tier))
        assert (await _ask(pisang, way, more=_PRIORITY[way])).status == 200
        (post,) = await _settled(pisang.app.database, {"hold": 1, "post": 1})
        assert post.tier == served
        async with pisang.app.database.read() as connection:
            counted = set(await connection.scalars(select(schema.counters.c.dimension)))
        assert ("priority_rpm" in counted) is (served == "priority")
        assert ("rpm" in counted) is (served == "standard")
    (asked,) = there.requests
    assert _TIER_NAMES.isdisjoint(asked.json) is (served == "standard")


async def test_what_has_no_word_for_a_tier_is_billed_as_standard(tmp_path: Path) -> None:
    async with (
        upstream(whole({"data": [{"b64_json": PICTURE}]})) as there,
        routed(tmp_path, {"theirs": openai(there.url)}) as pisang,
    ):
        assert (await _ask(pisang, "whole", more=_PRIORITY["whole"])).status == 200
        (post,) = await _settled(pisang.app.database, {"hold": 1, "post": 1})
        assert post.tier == "standard"
    assert "service_tier" not in there.requests[0].json


@pytest.mark.parametrize("told", ["default", "flex", None])
async def test_the_tier_that_a_chat_tells_is_the_one_that_is_billed(
    told: str | None, tmp_path: Path
) -> None:
    shown = {"role": "assistant", "images": [{"image_url": {"url": _URL}}]}
    choice = {"index": 0, "message": shown, "finish_reason": "stop"}
    said = whole({"choices": [choice], "service_tier": told})
    async with (
        upstream(said) as there,
        routed(tmp_path, {"theirs": openai(there.url, "chat-images")}) as pisang,
    ):
        assert (await _ask(pisang, "whole", more=_PRIORITY["whole"])).status == 200
        (post,) = await _settled(pisang.app.database, {"hold": 1, "post": 1})
        assert post.tier == {"default": "standard", None: "priority"}.get(told, told)
    assert there.requests[0].json["service_tier"] == "priority"


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("in_a_header", [False, True])
async def test_the_tier_that_the_upstream_served_is_the_one_that_is_billed(
    way: str, in_a_header: bool, tmp_path: Path
) -> None:
    usage = _USED if in_a_header else {**_USED, "serviceTier": "standard"}
    headers = {SERVED_TIER: "standard"} if in_a_header else NONE
    served = {**answer(_SHOWN), "usageMetadata": usage}
    body = json.dumps(served).encode()
    said = _streams(chunked(body, headers=headers), sse(served, headers=headers))
    async with upstream(said) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        assert (await _ask(pisang, way, more=_PRIORITY[way])).status == 200
        (post,) = await _settled(pisang.app.database, {"hold": 1, "post": 1})
        assert post.tier == "standard"
        assert json.loads(post.usage) == {"prompt_text": 7, "image_output": 1120, "images": 1}


async def test_what_draws_nothing_takes_nothing(tmp_path: Path) -> None:
    async with routed(tmp_path, {"here": {"kind": "sketch"}}) as pisang:
        await _limit(pisang, rpm=0)
        counting = f"/v1beta/models/{MODEL}:countTokens"
        assert (await pisang.post(counting, json.dumps(PROMPT).encode())).status == 200
        assert (await pisang.post(generate(), json.dumps(PROMPT).encode())).status == 429
        assert await _settled(pisang.app.database, {}) == []


async def _limit(pisang: Routed, **values: int) -> None:
    async with pisang.app.database.write() as connection:
        project = await projects.ensure(connection, "default")
        await limits.put(connection, f"project:{project.id}", MODEL, values)
        await revisions.count(connection, revisions.CREDENTIALS)


async def _ask(
    pisang: Routed,
    way: str,
    leaves: asyncio.Event | None = None,
    *,
    seconds: float | None = None,
    into: Reply | None = None,
    more: Mapping[str, Any] = NONE,
) -> Reply:
    address, body = _WAYS[way]
    headers = {"content-type": "application/json"}
    if way == "another dialect":
        headers["authorization"] = f"Bearer {pisang.key}"
    else:
        headers["x-goog-api-key"] = pisang.key
    if seconds is not None:
        headers["x-server-timeout"] = str(seconds)
    reply = into or Reply()
    with suppress(PisangError):  # what breaks an answer that has begun
        await call(
            pisang.app.asgi,
            "POST",
            address,
            headers=headers,
            chunks=[json.dumps({**body, **more}).encode()],
            hang_up=leaves,
            into=reply,
        )
    return reply


async def _settled(database: Database, kinds: dict[str, int] | None) -> list[Any]:
    """The posts, once nothing is held any more; there are so many entries of these kinds, and each
    hold has ended once."""
    async with asyncio.timeout(5):
        while True:
            async with database.read() as connection:
                held = await connection.scalar(select(func.count()).select_from(schema.holds))
                entries = (await connection.execute(select(schema.entries))).all()
            found = Counter(row.kind for row in entries)
            if not held and (kinds is None or found == kinds):
                break
            if not held and found.total() >= 2 * max(found["hold"], 1) and kinds:
                assert found == kinds
            await asyncio.sleep(0.02)
    assert found["hold"] == found.total() - found["hold"]
    async with database.read() as connection:
        accounts = (await connection.execute(select(schema.ledger_accounts))).all()
        assert [row.held for row in accounts] == [0] * len(accounts)
        assert [str(each) for each in (await verify(connection)).findings] == []
    return [row for row in entries if row.kind == "post"]


async def _requests(pisang: Routed) -> tuple[int, int, int]:
    """What the usage says: requests, those of them that failed, and pictures."""
    async with pisang.app.database.read() as connection:
        (row,) = await usage(connection, ())
    return row.requests, row.failed, row.images


async def _counted(pisang: Routed, dimension: str = "rpm") -> int:
    async with pisang.app.database.read() as connection:
        table = schema.counters
        packed = await connection.scalar(select(table.c.used).where(table.c.dimension == dimension))
    return sum(json.loads(packed)[1::2]) if packed else 0
