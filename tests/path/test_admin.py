"""The admin API: for keys that may, and for nobody else; what it changes counts at once."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pisang.accounts import keys, projects
from pisang.core.caller import Allowance
from pisang.surfaces.routes import SURFACES
from pisang.testing import Server, server
from tests.path.asgi import Reply, call, generate, post
from tests.upstream import upstream, whole

STUDIO = {"kind": "google", "api_keys": ["AIza-very-secret"], "base_url": "http://127.0.0.1:1"}
PRO = "gemini-3-pro-image"
NAMED = {"engine": "studio", "route": "default", "project": "default"}
ADMIN = [
    (method, re.sub(r"\{(\w+)\}", lambda name: NAMED.get(name[1], "x"), route.path_format))
    for route in SURFACES
    if route.path.startswith("/admin") and "/sessions" not in route.path
    for method in sorted((route.methods or set()) - {"HEAD"})
]
"""All but signing in, which is for everybody."""


@pytest.fixture
async def pisang(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path / "data", tries=1) as running:
        yield running


async def key_of(pisang: Server, *allowed: Allowance) -> str:
    async with pisang.app.database.write() as connection:
        home = await projects.ensure(connection, "default")
        return (await keys.create(connection, home, name="k", allowed=allowed)).key


@pytest.fixture
async def admin(pisang: Server) -> str:
    return await key_of(pisang, Allowance.ADMIN)


async def ask(pisang: Server, key: str, method: str, address: str, body: object = None) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"content-length": str(len(data))} | ({"x-goog-api-key": key} if key else {})
    return await call(pisang.app.asgi, method, address, headers=headers, chunks=[data])


async def done(pisang: Server, key: str, method: str, address: str, body: object = None) -> Any:
    reply = await ask(pisang, key, method, address, body)
    assert reply.status in (200, 201), reply.body
    return reply.json


async def studio(pisang: Server, admin: str) -> None:
    await done(pisang, admin, "PUT", "/admin/v1/engines/studio", STUDIO)


@pytest.mark.parametrize(("method", "address"), ADMIN)
async def test_strangers_and_other_keys_are_told_nothing(
    pisang: Server, admin: str, method: str, address: str
) -> None:
    await studio(pisang, admin)
    for key, status in (
        ("", 403),
        ("psk_" + "x" * 40, 400),
        (pisang.key, 403),
        (await key_of(pisang, Allowance.FAULTS), 403),
    ):
        reply = await ask(pisang, key, method, address, {"kind": "sketch"})
        assert reply.status == status
        assert b"studio" not in reply.body
    assert "--allow admin" in reply.error["message"]


async def test_an_engine_is_made_shown_changed_and_deleted(pisang: Server, admin: str) -> None:
    made = await ask(pisang, admin, "PUT", "/admin/v1/engines/studio", STUDIO)
    assert made.status == 201
    shown = made.json
    assert shown["api_keys"] == ["...cret"]
    assert shown["origin"] == "the admin API"
    assert shown["editable"]
    assert shown["health"]["troubles"] == []
    again = await ask(pisang, admin, "PUT", "/admin/v1/engines/studio", shown | {"location": "us"})
    assert again.status == 200
    assert again.json["location"] == "us"
    kept = pisang.app.asgi.state.shared.routes.rows.engines["studio"]
    assert kept["api_keys"] == ["AIza-very-secret"]  # what was shown as ...cret is what it was
    listed = await done(pisang, admin, "GET", "/admin/v1/engines")
    assert [each["name"] for each in listed["engines"]] == ["scripted", "studio"]
    assert not listed["engines"][0]["editable"]
    await done(pisang, admin, "DELETE", "/admin/v1/engines/studio")
    assert (await ask(pisang, admin, "GET", "/admin/v1/engines/studio")).status == 404


async def test_a_key_file_can_be_sent_as_its_text_and_is_never_shown(
    pisang: Server, admin: str
) -> None:
    made_up = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private_key = made_up.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    text = json.dumps(
        {
            "type": "service_account",
            "project_id": "p",
            "client_email": "robot@p.example",
            "private_key_id": "1",
            "private_key": private_key,
            "token_uri": "http://127.0.0.1:1/token",
        }
    )
    spec = {"kind": "vertex", "credentials": text}
    made = await ask(pisang, admin, "PUT", "/admin/v1/engines/cloud", spec)
    assert made.status == 201, made.body
    shown = (await done(pisang, admin, "GET", "/admin/v1/engines/cloud"))["credentials"]
    assert shown == "..."
    changed = {"kind": "vertex", "credentials": shown, "location": "europe-west4"}
    assert (await ask(pisang, admin, "PUT", "/admin/v1/engines/cloud", changed)).status == 200
    rows = pisang.app.asgi.state.shared.routes.rows
    assert rows.engines["cloud"]["credentials"] == text
    wrong = await ask(pisang, admin, "PUT", "/admin/v1/engines/new", changed)
    assert (wrong.status, "key file is shown" in wrong.error["message"]) == (400, True)
    log = (await ask(pisang, admin, "GET", "/admin/v1/audit")).body
    assert b"PRIVATE KEY" not in log
    assert b"engines/cloud" in log


async def test_a_secret_is_never_shown(pisang: Server, admin: str) -> None:
    await studio(pisang, admin)
    for method, address in ADMIN:
        if method == "GET":
            assert b"very-secret" not in (await ask(pisang, admin, method, address)).body


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ({}, "engines.studio.kind: is missing"),
        ({"kind": "gogle"}, "there is no kind 'gogle'"),
        (STUDIO | {"api_key": "x"}, "api_key"),
        (STUDIO | {"api_keys": ["env:NONE_OF_THESE"]}, "NONE_OF_THESE is not set"),
        (STUDIO | {"api_keys": ["env:PISANG_SIGNING_KEY"]}, "settings and no keys"),
        (STUDIO | {"api_keys": ["file:/etc/hostname"]}, "must lie in the folder 'secrets'"),
        (STUDIO | {"api_keys": ["file:secrets/../key"]}, "must lie in the folder 'secrets'"),
        (STUDIO | {"credentials": "file:/etc/hostname"}, "must lie in the folder 'secrets'"),
        (STUDIO | {"api_keys": ["...abcd"]}, "none that this engine has"),
        (STUDIO | {"base_url": "https://u:p@h"}, "belongs into api_keys"),
    ],
)
async def test_a_wrong_engine_is_refused_and_changes_nothing(
    pisang: Server, admin: str, engine: dict[str, object], told: str
) -> None:
    reply = await ask(pisang, admin, "PUT", "/admin/v1/engines/studio", engine)
    assert reply.status == 400
    assert told in reply.error["message"]
    assert (await ask(pisang, admin, "GET", "/admin/v1/engines/studio")).status == 404


async def test_a_file_in_the_folder_for_secrets_is_a_key(pisang: Server, admin: str) -> None:
    folder = pisang.settings.data / "secrets"
    folder.mkdir()
    (folder / "studio").write_text("AIza-from-file")
    engine = STUDIO | {"api_keys": [f"file:{folder / 'studio'}"]}
    made = await done(pisang, admin, "PUT", "/admin/v1/engines/studio", engine)
    assert made["api_keys"] == [f"file:{folder / 'studio'}"]


async def test_a_route_counts_at_once_and_others_lead_nowhere(pisang: Server, admin: str) -> None:
    assert (await post(pisang, generate())).status == 200
    await studio(pisang, admin)
    assert (await post(pisang, generate())).status == 200  # an engine alone changes nothing
    made = await done(
        pisang, admin, "POST", "/admin/v1/routes", {"model": PRO, "engines": ["studio"]}
    )
    assert made["id"].startswith("route_")
    assert made["editable"]
    assert (await post(pisang, generate())).status == 503  # nobody listens there
    lost = await post(pisang, generate("gemini-2.5-flash-image"))
    assert (lost.status, lost.error["details"][0]["reason"]) == (400, "NO_ROUTE")
    await done(pisang, admin, "DELETE", f"/admin/v1/routes/{made['id']}")
    assert (await post(pisang, generate())).status == 200


async def test_routes_are_ordered_and_changed(pisang: Server, admin: str) -> None:
    await studio(pisang, admin)
    here = {"model": "*", "engines": ["scripted"]}
    first = (await done(pisang, admin, "POST", "/admin/v1/routes", here))["id"]
    there = {"model": PRO, "engines": [{"engine": "studio", "weight": 2}], "size": "4K"}
    second = (await done(pisang, admin, "POST", "/admin/v1/routes", there | {"before": first}))[
        "id"
    ]
    listed = (await done(pisang, admin, "GET", "/admin/v1/routes"))["routes"]
    assert [each["id"] for each in listed] == [second, first]
    assert listed[0]["engines"] == [{"engine": "studio", "weight": 2}]
    order = {"routes": [first, second]}
    listed = (await done(pisang, admin, "POST", "/admin/v1/routes:order", order))["routes"]
    assert [each["id"] for each in listed] == [first, second]
    shown = await done(pisang, admin, "GET", f"/admin/v1/routes/{second}")
    changed = await done(
        pisang, admin, "PUT", f"/admin/v1/routes/{second}", shown | {"size": ["1K", "2K"]}
    )
    assert changed["size"] == ["1K", "2K"]
    engine = await ask(pisang, admin, "DELETE", "/admin/v1/engines/studio")
    assert (engine.status, second in engine.error["message"]) == (400, True)


@pytest.mark.parametrize(
    ("method", "address", "body", "status", "told"),
    [
        (
            "POST",
            "/admin/v1/routes",
            {"model": PRO, "engines": ["studoi"]},
            400,
            "engines[0]: there",
        ),
        ("POST", "/admin/v1/routes", {"engines": ["scripted"]}, 400, "model: is missing"),
        (
            "POST",
            "/admin/v1/routes",
            {"model": "*", "engines": ["scripted"], "x": 1},
            400,
            "x: there",
        ),
        (
            "POST",
            "/admin/v1/routes",
            {"model": "*", "engines": ["scripted"], "before": "route_x"},
            404,
            "no route 'route_x'",
        ),
        (
            "PUT",
            "/admin/v1/routes/default",
            {"model": "*", "engines": ["scripted"]},
            404,
            "changed there",
        ),
        ("DELETE", "/admin/v1/routes/default", None, 404, "changed there"),
        ("GET", "/admin/v1/routes/none", None, 404, "no route 'none'"),
        ("POST", "/admin/v1/routes:order", {"routes": ["x"]}, 400, "name every route"),
        ("POST", "/admin/v1/routes:order", {"routes": 3}, 400, "a list of ids"),
        ("POST", "/admin/v1/routes:explain", {}, 400, "Say which model"),
        ("POST", "/admin/v1/routes:explain", {"model": PRO, "tier": "x"}, 400, "no tier 'x'"),
        ("POST", "/admin/v1/routes:explain", {"model": PRO, "project": "x"}, 404, "no project 'x'"),
        ("POST", "/admin/v1/engines/none:probe", None, 404, "no engine 'none'"),
        ("POST", "/admin/v1/engines/none:readmit", None, 404, "no engine 'none'"),
        ("DELETE", "/admin/v1/engines/scripted", None, 404, "made here"),
    ],
)
async def test_a_mistake_is_told(
    pisang: Server, admin: str, method: str, address: str, body: object, status: int, told: str
) -> None:
    reply = await ask(pisang, admin, method, address, body)
    assert reply.status == status
    assert told in reply.error["message"]


async def test_where_a_request_would_go_is_explained(pisang: Server, admin: str) -> None:
    await studio(pisang, admin)
    route = {"model": "gemini-3-*", "engines": ["studio"], "size": "4K"}
    made = await done(pisang, admin, "POST", "/admin/v1/routes", route)
    question = {"model": "nano-banana-pro", "size": "4K"}
    found = await done(pisang, admin, "POST", "/admin/v1/routes:explain", question)
    assert (found["means"], found["route"]["id"]) == (PRO, made["id"])
    (engine,) = found["engines"]
    assert (engine["engine"], engine["upstream_model"], engine["troubles"]) == ("studio", PRO, [])
    assert float(engine["price_usd"]) > 0.2
    question = {"model": "nano-banana-pro", "size": "1K", "project": "default"}
    found = await done(pisang, admin, "POST", "/admin/v1/routes:explain", question)
    assert found["route"] is None
    assert "only for the sizes 4K" in found["refusal"]


async def test_a_probe_says_what_is_wrong_and_readmitting_forgets_it(
    pisang: Server, admin: str
) -> None:
    await studio(pisang, admin)
    await done(pisang, admin, "POST", "/admin/v1/routes", {"model": "*", "engines": ["studio"]})
    (result,) = (await done(pisang, admin, "POST", "/admin/v1/engines/studio:probe"))["results"]
    assert (result["ok"], result["kind"]) == (False, "unreachable")
    assert result["advice"]
    await post(pisang, generate())
    health = (await done(pisang, admin, "GET", "/admin/v1/engines/studio"))["health"]
    assert health["troubles"]
    assert (await done(pisang, admin, "POST", "/admin/v1/engines/studio:readmit"))["forgotten"]
    health = (await done(pisang, admin, "GET", "/admin/v1/engines/studio"))["health"]
    assert health["troubles"] == []


async def test_a_probe_that_leads_back_here_is_noticed(tmp_path: Path) -> None:
    async with upstream(whole(b"{}")) as there:
        engine = {"kind": "google", "api_keys": ["k"], "base_url": there.url}
        routes = [{"model": "*", "engines": ["itself"]}]
        data = tmp_path / "data"
        async with server(data, engines={"itself": engine}, routes=routes) as pisang:
            admin = await key_of(pisang, Allowance.ADMIN)
            await done(pisang, admin, "POST", "/admin/v1/engines/itself:probe")
            mark = there.requests[0].headers["cdn-loop"]
            address = there.requests[0].target
            headers = {"cdn-loop": mark, "x-goog-api-key": pisang.key}
            back = await call(pisang.app.asgi, "GET", address, headers=headers)
    assert (back.status, back.error["details"][0]["reason"]) == (400, "LOOP_DETECTED")


async def test_an_engine_of_the_settings_is_changed_there(tmp_path: Path) -> None:
    routes = [{"model": "*", "engines": ["studio"]}]
    async with server(tmp_path / "data", engines={"studio": STUDIO}, routes=routes) as pisang:
        admin = await key_of(pisang, Allowance.ADMIN)
        reply = await ask(pisang, admin, "PUT", "/admin/v1/engines/studio", STUDIO)
        assert (reply.status, reply.error["status"]) == (409, "ALREADY_EXISTS")
        shown = await done(pisang, admin, "GET", "/admin/v1/engines/studio")
        assert (shown["origin"], shown["editable"]) == ("the settings", False)
        assert shown["routes"] == ["routes[0]"]


async def test_the_openapi_document_has_every_route(pisang: Server, admin: str) -> None:
    document = await done(pisang, admin, "GET", "/admin/v1/openapi.json")
    assert document["openapi"] == "3.1.0"
    said = {
        (method.upper(), path): operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    served = {
        (method, route.path_format)
        for route in SURFACES
        if route.path.startswith("/admin")
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert set(said) == served
    schemas = document["components"]["schemas"]
    for (method, _), operation in said.items():
        assert operation["summary"].endswith(".")
        if method == "PUT":
            assert "requestBody" in operation
        if body := operation.get("requestBody"):
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert name in schemas
    assert len({operation["operationId"] for operation in said.values()}) == len(said)


EXPLAINED = ("size", "tier", "project", "location", "surface")
ODD = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "\u0000",
    "x" * 5000,
    [],
    [[]],
    [None],
    {},
    {"a": 1},
]


@pytest.mark.parametrize(
    ("address", "fields", "good"),
    [
        (
            "/admin/v1/engines/odd",
            (
                "kind",
                "api_keys",
                "base_url",
                "project",
                "location",
                "credentials",
                "profile",
                "price",
            ),
            STUDIO,
        ),
        (
            "/admin/v1/routes",
            ("model", "engines", "upstream_model", "price", "before", *EXPLAINED),
            {"model": "*", "engines": ["scripted"]},
        ),
        (
            "/admin/v1/routes:explain",
            ("model", *EXPLAINED),
            {"model": PRO},
        ),
        ("/admin/v1/routes:order", ("routes",), {"routes": []}),
    ],
)
async def test_odd_values_are_never_a_defect(
    pisang: Server, admin: str, address: str, fields: tuple[str, ...], good: dict[str, object]
) -> None:
    method = "PUT" if "engines" in address else "POST"
    for field in fields:
        for odd in ODD:
            reply = await ask(pisang, admin, method, address, good | {field: odd})
            assert reply.status < 500, (field, odd, reply.body)
    for body in (b"", b"[]", b"null", b"{", b'{"model": NaN}'):
        reply = await call(
            pisang.app.asgi, method, address, headers={"x-goog-api-key": admin}, chunks=[body]
        )
        assert reply.status < 500, body
    assert (await ask(pisang, admin, "GET", "/admin/v1/routes")).status == 200
    assert (await ask(pisang, admin, "GET", "/admin/v1/engines")).status == 200
