"""People sign in: by password without telling who there is, and by an issuer with a browser."""

import json
from collections.abc import AsyncIterator, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import select

from pisang.accounts import members, passwords, projects, users
from pisang.accounts.attempts import MOST
from pisang.core.roles import Role
from pisang.store.schema import audit
from pisang.surfaces.signin import challenge_of
from pisang.testing import Server, server
from tests.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, issuing
from tests.path.asgi import Reply, call, generate, post

PASSWORD = "correct horse battery"
SESSIONS, CURRENT = "/admin/v1/sessions", "/admin/v1/sessions/current"


async def ask(
    pisang: Server,
    method: str,
    address: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    sent = {"host": "images.example", "content-length": str(len(data))} | dict(headers or {})
    return await call(pisang.app.asgi, method, address, headers=sent, chunks=[data])


async def person(pisang: Server, email: str = "ana@example.com", password: str = PASSWORD) -> None:
    async with pisang.app.database.write() as connection:
        home = await projects.find(connection, "default")
        made = await users.create(connection, email, password=passwords.hashed(password))
        await members.put(connection, made.principal, Role.OWNER, home)


async def signed_in(pisang: Server, **fields: Any) -> Reply:
    return await ask(
        pisang, "POST", SESSIONS, {"email": "ana@example.com", "password": PASSWORD, **fields}
    )


def bearer(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_a_person_signs_in_acts_and_signs_out(pisang: Server) -> None:
    await person(pisang)
    reply = await signed_in(pisang, email=" ANA@example.com")
    assert reply.status == 200
    token = reply.json["token"]
    who = await ask(pisang, "GET", CURRENT, headers=bearer(token))
    assert who.json == {
        "principal": "user:ana@example.com",
        "roles": [{"project": "default", "role": "owner"}],
    }
    made = await ask(pisang, "POST", "/admin/v1/keys", {"project": "default"}, bearer(token))
    assert (await post(pisang, generate(), key=made.json["key"])).status == 200
    assert (await ask(pisang, "DELETE", CURRENT, headers=bearer(token))).status == 200
    assert (await ask(pisang, "GET", CURRENT, headers=bearer(token))).status == 401
    async with pisang.app.database.read() as connection:
        query = select(audit.c.actor).where(audit.c.action == "sessions.create")
        assert list(await connection.scalars(query)) == ["user:ana@example.com"]
        assert (await users.find(connection, "ana@example.com")).last_sign_in_at is not None


async def test_a_sign_in_is_no_key_for_pictures(pisang: Server) -> None:
    await person(pisang)
    token = (await signed_in(pisang)).json["token"]
    refused = await post(pisang, generate(), key="", headers=bearer(token))
    assert refused.status == 401
    assert "Make a key" in refused.error["message"]


async def test_nobody_learns_who_has_an_account(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person(pisang)
    await person(pisang, "gone@example.com")
    async with pisang.app.database.write() as connection:
        await users.disable(connection, "gone@example.com")
        await users.create(connection, "oidc@example.com")
    looked = list[bool]()
    fits = passwords.fits

    def seen(kept: str | None, password: str) -> bool:
        looked.append(kept is not None)
        return fits(kept, password)

    monkeypatch.setattr(passwords, "fits", seen)
    answers = set()
    for email in ("ana@example.com", "nobody@example.com", "gone@example.com", "oidc@example.com"):
        word = "wrong horse battery" if email.startswith("ana") else PASSWORD
        reply = await signed_in(pisang, email=email, password=word)
        answers.add((reply.status, reply.error["message"]))
    assert answers == {(401, "The email or the password is wrong.")}
    assert len(looked) == 4  # a digest was computed for each of them, so all take as long


async def test_guessing_is_stopped(pisang: Server) -> None:
    await person(pisang)
    statuses = [
        (await signed_in(pisang, password=f"wrong horse {number}")).status
        for number in range(MOST["both"] + 2)
    ]
    assert statuses == [401] * MOST["both"] + [429] * 2
    right = await signed_in(pisang)
    assert right.status == 429
    assert int(right.headers["retry-after"]) > 0


async def audited(pisang: Server) -> list[tuple[str, str, str, str, str]]:
    """What the audit log says of sign-ins: action, actor, address, on whom, and the rest."""
    names = ("action", "actor", "address", "target", "after")
    async with pisang.app.database.read() as connection:
        query = select(*(audit.c[name] for name in names)).order_by(audit.c.number)
        rows = await connection.execute(query.where(audit.c.action.like("sessions.%")))
        return [(row.action, row.actor, row.address, row.target, row.after) for row in rows]


async def test_the_audit_log_says_who_came_in_who_did_not_and_who_left(pisang: Server) -> None:
    await person(pisang)
    await person(pisang, "gone@example.com")
    async with pisang.app.database.write() as connection:
        await users.disable(connection, "gone@example.com")
        await users.create(connection, "oidc@example.com")
    wrong = {"password": "Tr0ub4dor&3"}
    await signed_in(pisang, **wrong)
    await signed_in(pisang, email="nobody@example.com", **wrong)
    await signed_in(pisang, email="gone@example.com")
    await signed_in(pisang, email="oidc@example.com")
    await signed_in(pisang, email="hunter2 in the wrong field", **wrong)
    token = (await signed_in(pisang)).json["token"]
    for _ in range(2):
        await ask(pisang, "DELETE", CURRENT, headers=bearer(token))
    ana, at = "users/ana@example.com", "127.0.0.1"

    def refused(why: str) -> str:
        return json.dumps({"by": "password", "why": why}, separators=(",", ":"))

    assert await audited(pisang) == [
        ("sessions.refuse", "nobody", at, ana, refused("the password is wrong")),
        ("sessions.refuse", "nobody", at, "users/nobody@example.com", refused(_UNKNOWN)),
        ("sessions.refuse", "nobody", at, "users/gone@example.com", refused(_DISABLED)),
        ("sessions.refuse", "nobody", at, "users/oidc@example.com", refused(_NO_PASSWORD)),
        ("sessions.refuse", "nobody", at, "", refused(_UNKNOWN)),
        ("sessions.create", "user:ana@example.com", at, ana, '{"by":"password"}'),
        ("sessions.end", "user:ana@example.com", at, ana, "{}"),
    ]


_UNKNOWN, _DISABLED = "there is no such user", "the user is disabled"
_NO_PASSWORD = "the user has no password"


async def test_a_line_of_the_audit_log_names_the_request_of_the_sign_in(pisang: Server) -> None:
    reply = await signed_in(pisang)
    async with pisang.app.database.read() as connection:
        query = select(audit.c.request_id).where(audit.c.action == "sessions.refuse")
        assert await connection.scalar(query) == reply.headers["x-request-id"]


async def test_who_is_refused_for_too_many_attempts_writes_nothing(pisang: Server) -> None:
    for _ in range(MOST["both"] + 3):
        await signed_in(pisang)
    assert len(await audited(pisang)) == MOST["both"]


async def test_a_cookie_changes_something_only_from_a_page_of_this_server(pisang: Server) -> None:
    await person(pisang)
    reply = await signed_in(pisang, cookie=True)
    assert "token" not in reply.json
    cookie = reply.headers["set-cookie"]
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in cookie
    sent = {"cookie": cookie.partition(";")[0]}
    assert (await ask(pisang, "GET", CURRENT, headers=sent)).status == 200
    body = {"project": "default"}
    for headers, status in (
        ({}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://images.example"}, 200),
    ):
        made = await ask(pisang, "POST", "/admin/v1/keys", body, {**sent, **headers})
        assert made.status == status, headers
    out = await ask(pisang, "DELETE", CURRENT, headers=sent | {"sec-fetch-site": "same-origin"})
    assert 'pisang_session=""' in out.headers["set-cookie"]


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with issuing() as there:
        yield there


@pytest.fixture
async def by_issuer(tmp_path: Path, issuer: Issuer) -> AsyncIterator[Server]:
    async with server(
        tmp_path / "data",
        oidc_issuer=issuer.address,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_allowed_domains=["example.com"],
        oidc_allowed_emails=["ben@elsewhere.example"],
        oidc_default_role="viewer",
    ) as running:
        yield running


def cookie_of(reply: Reply) -> str:
    jar = SimpleCookie(reply.headers["set-cookie"])
    return "; ".join(f"{name}={each.value}" for name, each in jar.items() if each.value)


async def through(pisang: Server, issuer: Issuer, query: Mapping[str, str] | None = None) -> Reply:
    """A browser's whole way: to the issuer, and back."""
    begun = await ask(pisang, "GET", f"/signin/oidc?{urlencode(query or {})}")
    assert begun.status == 302, begun.body
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    assert asked["redirect_uri"] == "http://images.example/signin/oidc/callback"
    back = urlencode({"code": issuer.grant(asked), "state": asked["state"]})
    sent = {"cookie": cookie_of(begun)}
    return await ask(pisang, "GET", f"/signin/oidc/callback?{back}", headers=sent)


async def test_a_browser_signs_in_by_the_issuer(by_issuer: Server, issuer: Issuer) -> None:
    back = await through(by_issuer, issuer)
    assert back.status == 200
    assert b"ana@example.com" in back.body
    back = await through(by_issuer, issuer, {"to": "/studio?page=2"})
    assert (back.status, back.headers["location"]) == (302, "/studio?page=2")
    async with by_issuer.app.database.read() as connection:
        (user,) = await users.listed(connection)
        (member,) = await members.listed(connection)
    assert (user.email, user.name, user.has_password) == ("ana@example.com", "Ana", False)
    assert (member.principal, member.role, member.project) == (
        "user:ana@example.com",
        Role.VIEWER,
        "default",
    )


async def test_a_role_that_somebody_had_before_stays(by_issuer: Server, issuer: Issuer) -> None:
    async with by_issuer.app.database.write() as connection:
        home = await projects.find(connection, "default")
        await members.put(connection, "user:ana@example.com", Role.OWNER, home)
    assert (await through(by_issuer, issuer)).status == 200
    async with by_issuer.app.database.read() as connection:
        assert (await members.get(connection, "user:ana@example.com", home)).role is Role.OWNER


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("ben@elsewhere.example", 200),
        ("eve@elsewhere.example", 401),
        ("eve@evilexample.com", 401),
        ("eve@example.com.evil.net", 401),
    ],
)
async def test_whom_the_operator_lets_in(
    by_issuer: Server, issuer: Issuer, email: str, status: int
) -> None:
    issuer.person["email"] = email
    assert (await through(by_issuer, issuer)).status == status


async def test_the_audit_log_says_whom_the_issuer_brought(
    by_issuer: Server, issuer: Issuer
) -> None:
    assert (await through(by_issuer, issuer)).status == 200
    issuer.person["email"] = "eve@elsewhere.example"
    assert (await through(by_issuer, issuer)).status == 401
    issuer.lies["aud"] = "another"
    assert (await through(by_issuer, issuer)).status == 401
    found = [(action, target) for action, _, _, target, _ in await audited(by_issuer)]
    assert found == [
        ("sessions.create", "users/ana@example.com"),
        ("sessions.refuse", "users/eve@elsewhere.example"),
        ("sessions.refuse", ""),
    ]
    assert "audience" in (await audited(by_issuer))[-1][-1]


async def test_an_address_that_the_issuer_never_vouches_for_gets_a_pause(
    by_issuer: Server, issuer: Issuer
) -> None:
    assert (await through(by_issuer, issuer)).status == 200
    issuer.lies["aud"] = "another"
    statuses = [(await through(by_issuer, issuer)).status for _ in range(MOST["address"] + 1)]
    assert statuses == [401] * MOST["address"] + [429]


async def test_an_email_that_went_to_somebody_else_gets_nobody_in(
    by_issuer: Server, issuer: Issuer
) -> None:
    assert (await through(by_issuer, issuer)).status == 200
    issuer.person["sub"] = "5678"
    assert (await through(by_issuer, issuer)).status == 401
    issuer.person |= {"sub": "1234", "email": "carl@example.com"}
    assert (await through(by_issuer, issuer)).status == 401
    issuer.person |= {"sub": "1234", "email": "ana@example.com"}
    async with by_issuer.app.database.write() as connection:
        await users.disable(connection, "ana@example.com")
    assert (await through(by_issuer, issuer)).status == 401


async def test_a_sign_in_that_began_in_another_browser(by_issuer: Server, issuer: Issuer) -> None:
    begun = await ask(by_issuer, "GET", "/signin/oidc")
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    back = urlencode({"code": issuer.grant(asked), "state": asked["state"]})
    other = await ask(by_issuer, "GET", "/signin/oidc")
    for cookie in ("", cookie_of(other), "pisang_signin=x.y"):
        sent = {"cookie": cookie} if cookie else {}
        reply = await ask(by_issuer, "GET", f"/signin/oidc/callback?{back}", headers=sent)
        assert reply.status == 401
        assert "pisang_session" not in reply.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "query",
    [
        {"to": "https://evil.example/"},
        {"to": "//evil.example/"},
        {"to": "/\\evil.example/"},
        {"to": "studio"},
        {"loopback": "https://evil.example/", "challenge": "c"},
        {"loopback": "http://127.0.0.1.evil.example:80/", "challenge": "c"},
        {"loopback": "http://127.0.0.1@evil.example:80/", "challenge": "c"},
        {"loopback": "http://localhost:4711/", "challenge": "c"},
        {"loopback": "http://127.0.0.1:4711/?a=b", "challenge": "c"},
        {"loopback": "http://127.0.0.1/", "challenge": "c"},
        {"loopback": "http://127.0.0.1:4711/"},
    ],
)
async def test_nobody_is_sent_elsewhere(by_issuer: Server, query: Mapping[str, str]) -> None:
    reply = await ask(by_issuer, "GET", f"/signin/oidc?{urlencode(query)}")
    assert reply.status == 400


async def test_a_command_exchanges_its_code_with_its_secret(
    by_issuer: Server, issuer: Issuer
) -> None:
    verifier = "v" * 64
    begun = {"loopback": "http://127.0.0.1:4711/", "challenge": challenge_of(verifier)}
    back = await through(by_issuer, issuer, begun | {"state": "theirs"})
    assert back.status == 302
    address = urlsplit(back.headers["location"])
    assert address.netloc == "127.0.0.1:4711"
    query = dict(parse_qsl(address.query))
    assert query["state"] == "theirs"
    proof = {"code": query["code"], "verifier": "w" * 64}
    assert (await ask(by_issuer, "POST", SESSIONS, proof)).status == 401
    reply = await ask(by_issuer, "POST", SESSIONS, proof | {"verifier": verifier})
    assert reply.status == 200
    who = await ask(by_issuer, "GET", CURRENT, headers=bearer(reply.json["token"]))
    assert who.json["principal"] == "user:ana@example.com"


async def test_without_an_issuer_its_addresses_say_so(pisang: Server) -> None:
    for address in ("/signin/oidc", "/signin/oidc/callback?code=x&state=y"):
        reply = await ask(pisang, "GET", address)
        assert (reply.status, reply.error["status"]) == (400, "FAILED_PRECONDITION")


async def test_only_so_many_passwords_wait_to_be_compared(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pisang.signin.people._MOST_WAITING", 0)
    await person(pisang)
    reply = await signed_in(pisang)
    assert (reply.status, reply.headers["retry-after"]) == (429, "5")
    monkeypatch.undo()
    assert (await signed_in(pisang)).status == 200
