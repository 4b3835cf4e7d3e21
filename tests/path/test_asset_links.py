"""Links to kept pictures: good without a key until they expire, and never when changed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pisang.assets import library, links
from pisang.assets.library import Asset
from pisang.assets.links import Size
from pisang.core.content import Blob
from pisang.core.image import MediaType, Pixels, sniff
from pisang.provenance.encode import encode
from pisang.testing import Server, server
from tests.path.asgi import Reply, call
from tests.path.image_calls import draw

PICTURE = encode(Pixels(640, 480, 3, bytes((20, 130, 30)) * 307_200), MediaType.PNG)


async def kept(pisang: Server) -> Asset:
    things = pisang.app.asgi.state.shared
    async with pisang.app.database.read() as connection:
        project = (await connection.exec_driver_sql("SELECT id FROM projects")).scalar_one()
    return await library.keep(
        pisang.app.database, things.blobs, project, Blob("image/png", PICTURE), model="m", days=7
    )


def link(pisang: Server, asset: Asset, *, minutes: float = 60, size: Size = Size.WHOLE) -> str:
    secret = pisang.app.asgi.state.shared.secret
    return library.link("", secret, asset, minutes, size=size)


async def fetch(pisang: Server, address: str, method: str = "GET", **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await call(pisang.app.asgi, method, address, headers=sent)


async def test_a_link_gives_the_picture_without_a_key(pisang: Server) -> None:
    asset = await kept(pisang)
    reply = await fetch(pisang, link(pisang, asset))
    assert (reply.status, reply.body) == (200, PICTURE)
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["content-length"] == str(len(PICTURE))
    assert reply.headers["content-disposition"] == f'inline; filename="{asset.id}.png"'
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r"private, max-age=3[56]\d\d, immutable", reply.headers["cache-control"])


async def test_head_tells_the_same_and_sends_nothing(pisang: Server) -> None:
    address = link(pisang, await kept(pisang))
    whole, head = await fetch(pisang, address), await fetch(pisang, address, "HEAD")
    assert (head.status, head.body) == (200, b"")
    same = ("content-type", "content-length", "etag", "content-disposition")
    assert {name: head.headers[name] for name in same} == {
        name: whole.headers[name] for name in same
    }


async def test_who_has_the_picture_already_is_told_so(pisang: Server) -> None:
    address = link(pisang, await kept(pisang))
    etag = (await fetch(pisang, address)).headers["etag"]
    again = await fetch(pisang, address, if_none_match=f'"other", {etag}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == etag


async def test_a_thumbnail_has_a_link_of_its_own(pisang: Server) -> None:
    asset = await kept(pisang)
    address = link(pisang, asset, size=Size.THUMBNAIL)
    reply = await fetch(pisang, address)
    header = sniff(reply.body)
    assert header
    assert (header.width, header.height) == (384, 288)
    assert reply.headers["content-type"] == header.media_type == "image/webp"
    assert (await fetch(pisang, address.replace("&size=thumbnail", ""))).status == 403
    assert (await fetch(pisang, f"{link(pisang, asset)}&size=thumbnail")).status == 403


async def test_every_changed_letter_of_a_link_breaks_it(pisang: Server) -> None:
    address = link(pisang, await kept(pisang))
    for at in range(len("/assets/img_"), len(address)):
        if address[at] not in "?&=":
            changed = address[:at] + ("0" if address[at] != "0" else "1") + address[at + 1 :]
            reply = await fetch(pisang, changed)
            assert reply.status == 403, changed
            assert reply.error["status"] == "PERMISSION_DENIED"


async def test_an_expired_link_says_so_and_cannot_be_prolonged(pisang: Server) -> None:
    asset = await kept(pisang)
    old = link(pisang, asset, minutes=-1)
    reply = await fetch(pisang, old)
    assert reply.status == 403
    assert "expired" in reply.error["message"]
    later = str(int((datetime.now(UTC) + timedelta(days=1)).timestamp()))
    assert (await fetch(pisang, re.sub(r"expires=\d+", f"expires={later}", old))).status == 403


async def test_a_picture_that_is_gone_is_404_for_who_has_a_good_link(pisang: Server) -> None:
    asset = await kept(pisang)
    address = link(pisang, asset)
    async with pisang.app.database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM assets")
    assert (await fetch(pisang, address)).status == 404


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?expires=99999999999",
        "?signature=00",
        "?expires=&signature=",
        "?expires=-1&signature=%00",
        "?expires=99999999999999999999&signature=ff",
        "?expires=%D9%A3&signature=%F0%9F%8D%8C",
        "?expires=1e9&signature=ff&size=huge",
        "?expires=99999999999&signature=" + "f" * 64,
    ],
)
async def test_whatever_is_no_link_is_refused_alike(pisang: Server, query: str) -> None:
    asset = await kept(pisang)
    there = await fetch(pisang, f"/assets/{asset.id}{query}")
    nowhere = await fetch(pisang, f"/assets/img_nothing{query}")
    assert (there.status, nowhere.status) == (403, 403)
    assert there.error == nowhere.error


async def test_other_signatures_of_the_same_secret_are_good_for_nothing(pisang: Server) -> None:
    asset = await kept(pisang)
    secret = pisang.app.asgi.state.shared.secret
    query = links.signed(secret, asset.id, until=datetime(2999, 1, 1))
    assert (await fetch(pisang, f"/assets/{asset.id}x?{query}")).status == 403


async def test_only_get_and_head_are_served(pisang: Server) -> None:
    reply = await fetch(pisang, link(pisang, await kept(pisang)), "DELETE")
    assert reply.status == 405


async def test_links_of_a_server_behind_a_proxy_begin_with_its_public_address(
    tmp_path: Path,
) -> None:
    async with server(tmp_path / "data", public_url="https://images.example/p") as behind:
        reply = await draw(behind, response_format="url")
    assert reply.json["data"][0]["url"].startswith("https://images.example/p/assets/img_")
