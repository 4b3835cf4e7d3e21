"""Sending web hooks to a real server: signed, tried again, by one process at a time."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from pisang.core.clock import now
from pisang.fetch.fetcher import Fetcher
from pisang.hooks.deliveries import DELAYS, LEASE, Delivery, Status, claim, enqueue, find, redeliver
from pisang.hooks.sender import Sender, sending
from pisang.hooks.signing import signature
from pisang.store.database import Database
from pisang.store.keyring import Keyring
from tests.hooks.conftest import SECRET, hook
from tests.hooks.receiver import Receiver


class Clock:
    """Time that a test moves on; it begins after what was made before."""

    def __init__(self) -> None:
        self.at = now() + timedelta(seconds=1)

    def __call__(self) -> datetime:
        return self.at


def sender(
    database: Database, keyring: Keyring, receiver: Receiver, clock: Clock | None = None
) -> Sender:
    fetcher = Fetcher(allow=receiver.allow, seconds=5)
    return Sender(database, keyring, fetcher, clock=clock or Clock())


async def _find(database: Database, id_: str) -> Delivery:
    async with database.read() as connection:
        return await find(connection, id_)


async def test_a_hook_comes_signed_by_the_secret_of_its_project(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    id_ = await hook(database, keyring, project, receiver.url)
    assert await sender(database, keyring, receiver).round() == 1
    (got,) = receiver.got
    assert got.line == "POST /hooks?to=me HTTP/1.1"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == id_
    at = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == signature(id_, at, got.body, SECRET)
    said = json.loads(got.body)
    assert (said["type"], said["data"]) == ("something.happened", {"n": 1})
    assert (await _find(database, id_)).status is Status.DELIVERED
    assert await sender(database, keyring, receiver).round() == 0


async def test_one_that_fails_is_tried_for_a_day_and_then_given_up(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    clock = Clock()
    work = sender(database, keyring, receiver, clock)
    receiver.status = "500 Oh No"
    id_ = await hook(database, keyring, project, receiver.url)
    begun = clock.at
    for number, delay in enumerate(DELAYS, start=1):
        assert await work.round() == 1
        found = await _find(database, id_)
        assert (found.status, found.attempts) == (Status.PENDING, number)
        assert "500" in found.last_error
        clock.at += delay - timedelta(milliseconds=1)
        assert await work.round() == 0
        clock.at += timedelta(milliseconds=1)
    assert timedelta(hours=23) < clock.at - begun < timedelta(hours=25)
    assert await work.round() == 1
    assert (await _find(database, id_)).status is Status.FAILED
    clock.at += timedelta(days=7)
    assert await work.round() == 0
    assert len(receiver.got) == len(DELAYS) + 1
    assert {got.headers["webhook-id"] for got in receiver.got} == {id_}


async def test_one_that_fails_once_is_told_at_the_next_try(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    clock = Clock()
    work = sender(database, keyring, receiver, clock)
    receiver.status = "503 Later"
    id_ = await hook(database, keyring, project, receiver.url)
    await work.round()
    receiver.status = "200 OK"
    clock.at += DELAYS[0]
    await work.round()
    found = await _find(database, id_)
    assert (found.status, found.last_error) == (Status.DELIVERED, "")


@pytest.mark.parametrize(
    ("status", "ends"), [("410 Gone", Status.FAILED), ("302 Found", Status.PENDING)]
)
async def test_who_is_gone_is_not_asked_again_and_redirects_are_not_followed(
    database: Database,
    keyring: Keyring,
    project: str,
    receiver: Receiver,
    status: str,
    ends: Status,
) -> None:
    receiver.status = f"{status}\r\nlocation: {receiver.url}"
    id_ = await hook(database, keyring, project, receiver.url)
    await sender(database, keyring, receiver).round()
    assert (await _find(database, id_)).status is ends
    assert len(receiver.got) == 1


async def test_an_address_of_the_own_network_is_refused_unless_it_is_allowed(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    id_ = await hook(database, keyring, project, receiver.url)
    other = await hook(database, keyring, project, f"https://127.0.0.1:{receiver.port}/")
    closed = Sender(database, keyring, Fetcher(seconds=5))
    await closed.round()
    for each in (id_, other):
        found = await _find(database, each)
        assert found.status is Status.PENDING
        assert "127.0.0.1" not in found.last_error
    assert receiver.got == []


async def test_who_dies_while_sending_leaves_the_hook_to_others_after_a_minute(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    clock = Clock()
    id_ = await hook(database, keyring, project, receiver.url)
    async with database.write() as connection:
        assert [each.id for each in await claim(connection, clock.at, most=8)] == [id_]
    work = sender(database, keyring, receiver, clock)
    clock.at += LEASE - timedelta(milliseconds=1)
    assert await work.round() == 0
    clock.at += timedelta(milliseconds=1)
    assert await work.round() == 1
    assert len(receiver.got) == 1


async def test_several_senders_send_each_hook_once(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    ids = {await hook(database, keyring, project, receiver.url) for _ in range(30)}
    work = [sender(database, keyring, receiver) for _ in range(4)]
    assert sum(await asyncio.gather(*(each.round() for each in work))) == 30
    assert sorted(got.headers["webhook-id"] for got in receiver.got) == sorted(ids)


async def test_one_can_be_told_again(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    id_ = await hook(database, keyring, project, receiver.url)
    work = sender(database, keyring, receiver)
    await work.round()
    async with database.write() as connection:
        assert (await redeliver(connection, id_)).status is Status.PENDING
    work = sender(database, keyring, receiver)
    await work.round()
    assert [got.headers["webhook-id"] for got in receiver.got] == [id_, id_]
    assert receiver.got[0].body == receiver.got[1].body


async def test_a_secret_that_cannot_be_read_stops_no_other_hook(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    good = await hook(database, keyring, project, receiver.url)
    sealed = keyring.seal("a secret", identity="hooks/another project")
    async with database.write() as connection:
        other = await enqueue(
            connection, project_id=project, url=receiver.url, secret=sealed, event="x", data={}
        )
    await sender(database, keyring, receiver).round()
    assert (await _find(database, good)).status is Status.DELIVERED
    assert "another row" in (await _find(database, other)).last_error


async def test_in_the_background_they_are_sent_when_somebody_calls(
    database: Database, keyring: Keyring, project: str, receiver: Receiver
) -> None:
    came = asyncio.Event()
    receiver.before = came.set
    fetcher = Fetcher(allow=receiver.allow, seconds=5)
    async with sending(Sender(database, keyring, fetcher), often=600) as work:
        await hook(database, keyring, project, receiver.url)
        work.call()
        await asyncio.wait_for(came.wait(), 20)
    assert len(receiver.got) == 1
