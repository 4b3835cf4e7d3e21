"""OpenAI's files: the same files as Google's, in OpenAI's shape, on the shared addresses."""

import json
from collections.abc import Mapping

import pytest

from pisang.files import library
from pisang.testing import Server
from tests.path.asgi import Reply, call
from tests.path.uploading import PNG, generated, second_key, stored, uploaded

BASES = ("/v1/files", "/v1beta/openai/files", "/v1/openai/files")


async def ask(
    server: Server,
    method: str,
    address: str,
    *,
    body: bytes = b"",
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    sent = {"authorization": f"Bearer {key or server.key}", "content-length": str(len(body))}
    return await call(
        server.app.asgi, method, address, headers=sent | dict(headers or {}), chunks=[body]
    )


def field(name: str, value: bytes, more: str = "", kind: str = "") -> bytes:
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
    if kind:
        head += f"Content-Type: {kind}\r\n"
    return head.encode() + b"\r\n" + value + b"\r\n"


FILE = field("file", PNG, '; filename="x.png"', "image/png")
PURPOSE = field("purpose", b"vision")
END = b"--B--\r\n"


async def upload(server: Server, body: bytes, base: str = BASES[0], **more: str) -> Reply:
    headers = {"content-type": "multipart/form-data; boundary=B"}
    return await ask(server, "POST", base, body=body, headers=headers, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("base", BASES)
async def test_a_file_lives_under_its_id(pisang: Server, base: str) -> None:
    made = await upload(pisang, PURPOSE + FILE + END, base)
    assert made.status == 200, made.body
    file = made.json
    assert file["object"] == "file"
    assert file["id"].startswith("file-")
    assert (file["bytes"], file["filename"]) == (len(PNG), "x.png")
    assert (file["purpose"], file["status"]) == ("vision", "processed")
    assert file["expires_at"] - file["created_at"] == 48 * 3600
    assert (await ask(pisang, "GET", f"{base}/{file['id']}")).json == file
    got = await ask(pisang, "GET", f"{base}/{file['id']}/content")
    assert (got.body, got.headers["content-type"]) == (PNG, "image/png")
    gone = await ask(pisang, "DELETE", f"{base}/{file['id']}")
    assert gone.json == {"id": file["id"], "object": "file", "deleted": True}
    missing = await ask(pisang, "GET", f"{base}/{file['id']}")
    assert missing.status == 404
    assert missing.json["error"]["message"] == f"No such File object: {file['id']}"
    assert missing.json["error"]["type"] == "invalid_request_error"
    assert stored(pisang) == []


async def test_the_file_may_stand_before_its_purpose_and_say_nothing_of_its_type(
    pisang: Server,
) -> None:
    plain = field("file", PNG, '; filename="x"', "application/octet-stream")
    made = await upload(pisang, plain + PURPOSE + END)
    got = await ask(pisang, "GET", f"/v1/files/{made.json['id']}/content")
    assert got.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (FILE + END, 400, "purpose"),
        (PURPOSE + END, 400, "file"),
        (field("purpose", b"nonsense") + FILE + END, 400, "purpose"),
        (PURPOSE + FILE, 400, None),
        (PURPOSE + FILE[:-20], 400, None),
        (b"", 400, None),
        (PURPOSE + field("file", PNG, "", "nonsense") + END, 400, "file"),
        (field("purpose", b"x" * 20_000) + FILE + END, 400, None),
        (PURPOSE * 100 + FILE + END, 400, None),
    ],
)
async def test_a_form_that_is_cut_or_wrong_keeps_nothing(
    pisang: Server, body: bytes, status: int, param: str | None
) -> None:
    refused = await upload(pisang, body)
    assert refused.status == status, refused.body
    assert refused.json["error"]["param"] == param
    assert stored(pisang) == []


async def test_what_is_no_form_is_told_so(pisang: Server) -> None:
    body = json.dumps({"purpose": "vision"}).encode()
    headers = {"content-type": "application/json"}
    refused = await ask(pisang, "POST", "/v1/openai/files", body=body, headers=headers)
    assert "multipart/form-data" in refused.json["error"]["message"]


async def test_lists_turn_pages_and_choose(pisang: Server) -> None:
    made = [(await upload(pisang, PURPOSE + FILE + END)).json["id"] for _ in range(5)]
    batch = (await upload(pisang, field("purpose", b"batch") + FILE + END)).json["id"]
    page = (await ask(pisang, "GET", "/v1/files?limit=2&purpose=vision")).json
    assert ([file["id"] for file in page["data"]], page["has_more"]) == (made[:2:-1], True)
    last = page["last_id"]
    rest = (await ask(pisang, "GET", f"/v1/files?purpose=vision&after={last}")).json
    assert ([file["id"] for file in rest["data"]], rest["has_more"]) == (made[2::-1], False)
    oldest = (await ask(pisang, "GET", "/v1/files?order=asc&limit=1")).json
    assert oldest["data"][0]["id"] == made[0]
    assert oldest["object"] == "list"
    assert (await ask(pisang, "GET", "/v1/files?purpose=batch")).json["first_id"] == batch
    for wrong in ("limit=0", "limit=x", "limit=10001", "order=up", "after=x"):
        refused = await ask(pisang, "GET", f"/v1/files?{wrong}")
        assert refused.status == 400
        assert refused.json["error"]["param"] == wrong.split("=")[0]
    assert (await ask(pisang, "GET", "/v1/files?after=file-none")).status == 404


async def test_another_project_sees_none_of_it(pisang: Server) -> None:
    file, key = (await upload(pisang, PURPOSE + FILE + END)).json, await second_key(pisang)
    for method, rest in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        refused = await ask(pisang, method, f"/v1/files/{file['id']}{rest}", key=key)
        assert refused.status == 404
    assert (await ask(pisang, "GET", "/v1/files", key=key)).json["data"] == []
    assert (await ask(pisang, "GET", f"/v1/files/{file['id']}")).status == 200


async def test_both_families_of_clients_see_the_same_files(pisang: Server) -> None:
    googles = await uploaded(pisang)
    name = googles["name"].removeprefix("files/")
    theirs = (await ask(pisang, "GET", f"/v1/files/file-{name}")).json
    assert theirs["bytes"] == len(PNG)
    assert (await generated(pisang, theirs["id"])).status == 200
    assert pisang.engine.asked[0].contents[0].parts[1].blob is not None


async def test_a_bad_key_is_told_in_openais_words(pisang: Server) -> None:
    for method, address in (("GET", "/v1/files"), ("GET", "/v1/files/file-x"), ("POST", BASES[1])):
        refused = await ask(pisang, method, address, key="sk-wrong")
        assert refused.status == 401
        assert refused.json["error"]["code"] == "invalid_api_key"


async def test_a_form_takes_no_more_room_than_it_has_bytes(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "MAX_PROJECT", 1000)
    assert (await upload(pisang, PURPOSE + FILE + END)).status == 200
    large = field("file", b"x" * 900, '; filename="x"')
    refused = await upload(pisang, PURPOSE + large + END)
    assert refused.status == 400
    assert "may have 1000 bytes" in refused.json["error"]["message"]
    assert len(stored(pisang)) == 1
