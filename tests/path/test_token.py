"""The token endpoint: what a signed request gets, and what every wrong one is told."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pisang.accounts import service_accounts, tokens
from pisang.core.clock import now
from pisang.core.errors import StoreError
from pisang.testing import Server, server
from tests.path.asgi import Reply, call, generate, post
from tests.path.signing import (
    TOKEN_URI,
    Signer,
    access_token,
    account,
    ask,
    exchange,
    post_form,
)


def refused(reply: Reply, word: str, *said: str, status: int = 400) -> None:
    assert (reply.status, reply.json["error"]) == (status, word), reply.body
    for words in said:
        assert words in reply.json["error_description"]
    assert set(reply.json) == {"error", "error_description"}


async def test_a_signed_request_gets_a_token_that_makes_pictures(pisang: Server) -> None:
    reply = await exchange(pisang, Signer(await account(pisang)).assertion())
    assert reply.status == 200
    assert reply.json["token_type"] == "Bearer"
    assert reply.json["expires_in"] == 3600
    assert reply.json["access_token"].startswith("pst_")
    assert reply.headers["cache-control"] == "private, no-store"
    bearer = {"authorization": f"Bearer {reply.json['access_token']}"}
    assert (await post(pisang, generate(), key="", headers=bearer)).status == 200


@pytest.mark.parametrize(
    "audience",
    [
        "https://images.example/gemini/token",
        "http://localhost/oauth2/token",
        "https://oauth2.googleapis.com/token",  # google-auth for Python, whatever it was told
        [TOKEN_URI],
    ],
)
async def test_the_audience_is_known_by_its_path(pisang: Server, audience: object) -> None:
    signer = Signer(await account(pisang))
    reply = await exchange(pisang, signer.assertion(aud=audience), "/oauth2/token")
    assert reply.status == 200


async def test_a_key_id_may_be_left_out(pisang: Server) -> None:
    signer = Signer(await account(pisang))
    async with pisang.app.database.write() as connection:
        await service_accounts.add_key(connection, signer.key.email)
    token = signer.signed(signer.header(kid=None), signer.claims(aud=TOKEN_URI))
    assert (await exchange(pisang, token)).status == 200


WRONG: dict[str, tuple[Callable[[Signer], str], str]] = {
    "no token": (lambda _: "nonsense", "three parts"),
    "two parts": (lambda s: s.assertion().rpartition(".")[0], "three parts"),
    "too long": (lambda s: s.assertion(pad="x" * 9000), "at most"),
    "not base64": (lambda s: "e+%." + s.assertion().partition(".")[2], "in base64"),
    "no JSON": (lambda s: s.signed(b"{", s.claims()), "JSON objects"),
    "deep JSON": (lambda s: s.signed(s.header(), b'{"a":' * 900 + b"1" + b"}" * 900), "JSON"),
    "a list": (lambda s: s.signed(s.header(), []), "JSON objects"),
    "a claim twice": (lambda s: s.signed(s.header(), b'{"iss":"a","iss":"b"}'), "JSON objects"),
    "alg none": (
        lambda s: s.signed(s.header(alg="none"), s.claims(aud=TOKEN_URI)).rpartition(".")[0] + ".",
        "RS256",
    ),
    "alg nOnE": (lambda s: s.signed(s.header(alg="nOnE"), s.claims(aud=TOKEN_URI)), "RS256"),
    "no alg": (lambda s: s.signed(s.header(alg=None), s.claims(aud=TOKEN_URI)), "RS256"),
    "alg a list": (lambda s: s.signed(s.header(alg=["RS256"]), s.claims(aud=TOKEN_URI)), "RS256"),
    "alg RS512": (lambda s: s.signed(s.header(alg="RS512"), s.claims(aud=TOKEN_URI)), "RS256"),
    "HMAC with the public key": (
        lambda s: s.hmac_signed(s.header(alg="HS256"), s.claims(aud=TOKEN_URI)),
        "RS256",
    ),
    "HMAC that says RS256": (
        lambda s: s.hmac_signed(s.header(), s.claims(aud=TOKEN_URI)),
        "Invalid JWT Signature",
    ),
    "no signature": (lambda s: s.assertion().rpartition(".")[0] + ".", "Invalid JWT Signature"),
    "another's signature": (
        lambda s: s.assertion().rpartition(".")[0] + "." + s.assertion(a=1).rpartition(".")[2],
        "Invalid JWT Signature",
    ),
    "other claims": (
        lambda s: ".".join(
            (s.assertion().split(".")[0], *s.assertion(admin=1).split(".")[1:2], "AAAA")
        ),
        "Invalid JWT Signature",
    ),
    "crit": (lambda s: s.signed(s.header(crit=["x"], x=1), s.claims(aud=TOKEN_URI)), "crit"),
    "b64": (
        lambda s: s.signed(s.header(crit=["b64"], b64=False), s.claims(aud=TOKEN_URI)),
        "crit",
    ),
    "its own key": (
        lambda s: s.signed(s.header(kid=None, jwk={"kty": "oct", "k": "AA"}), s.claims(iss="x@y")),
        "account not found",
    ),
    "no iss": (lambda s: s.assertion(iss=None), "iss"),
    "iss a number": (lambda s: s.assertion(iss=1), "iss"),
    "iss endless": (lambda s: s.assertion(iss="x" * 300), "iss"),
    "iss unknown": (lambda s: s.assertion(iss="nobody@x"), "account not found"),
    "kid unknown": (
        lambda s: s.signed(s.header(kid="0" * 40), s.claims(aud=TOKEN_URI)),
        "account not found",
    ),
    "kid a number": (lambda s: s.signed(s.header(kid=7), s.claims(aud=TOKEN_URI)), "kid"),
    "no aud": (lambda s: s.assertion(aud=None), "audience"),
    "aud elsewhere": (lambda s: s.assertion(aud="https://aiplatform.googleapis.com/"), "audience"),
    "aud a number": (lambda s: s.assertion(aud=5), "audience"),
    "aud no address": (lambda s: s.assertion(aud="http://[::1/token"), "audience"),
    "no iat": (lambda s: s.assertion(iat=None), "iat"),
    "iat a text": (lambda s: s.assertion(iat="now"), "iat"),
    "iat true": (lambda s: s.assertion(iat=True), "iat"),
    "iat huge": (lambda s: s.assertion(iat=10**400), "iat"),
    "iat in the future": (
        lambda s: s.assertion(iat=int(time.time()) + 120, exp=int(time.time()) + 900),
        "in the future",
    ),
    "no exp": (lambda s: s.assertion(exp=None), "exp"),
    "good for too long": (lambda s: s.assertion(exp=int(time.time()) + 4000), "60 minutes"),
    "ends before it begins": (lambda s: s.assertion(exp=5), "exp must be after iat"),
    "expired": (
        lambda s: s.assertion(iat=int(time.time()) - 3700, exp=int(time.time()) - 100),
        "It expired 10",
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_request_is_told_why(pisang: Server, name: str) -> None:
    signer = Signer(await account(pisang))
    make, why = WRONG[name]
    refused(await exchange(pisang, make(signer)), "invalid_grant", why)


async def test_a_clock_that_is_a_little_ahead_is_fine(pisang: Server) -> None:
    signer = Signer(await account(pisang), now=time.time() + 40)
    assert (await exchange(pisang, signer.assertion())).status == 200


async def test_what_ends_an_account_or_a_key_ends_its_requests_and_tokens(pisang: Server) -> None:
    first = await account(pisang)
    async with pisang.app.database.write() as connection:
        second = await service_accounts.add_key(connection, first.email)
    held = [await access_token(pisang, key) for key in (first, second)]
    async with pisang.app.database.write() as connection:
        assert await service_accounts.revoke(connection, first.id) == first.id
    refused(await exchange(pisang, Signer(first).assertion()), "invalid_grant", "revoked")
    assert [(await ask(pisang, token)).status for token in held] == [401, 200]
    assert (await exchange(pisang, Signer(second).assertion())).status == 200
    async with pisang.app.database.write() as connection:
        await service_accounts.revoke(connection, first.email)
    refused(await exchange(pisang, Signer(second).assertion()), "invalid_grant", "revoked")
    assert (await ask(pisang, held[1])).error["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"


async def test_wishes_that_cannot_be_granted(pisang: Server) -> None:
    signer = Signer(await account(pisang))
    reply = await exchange(pisang, signer.assertion(target_audience="https://run.example"))
    refused(reply, "invalid_scope", "ID tokens")
    reply = await exchange(pisang, signer.assertion(sub="boss@example.com"))
    refused(reply, "unauthorized_client", "itself only", status=401)


async def test_forms_that_are_none(pisang: Server) -> None:
    signer = Signer(await account(pisang))
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    refused(await post_form(pisang, "/token", form), "unsupported_grant_type", "refresh_token")
    refused(await post_form(pisang, "/token", {}), "invalid_request", "grant_type")
    no_assertion = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    refused(await post_form(pisang, "/token", no_assertion), "invalid_request", "assertion")
    json = await post_form(pisang, "/token", b"{}", "application/json")
    refused(json, "invalid_request", "application/x-www-form-urlencoded")
    refused(await post_form(pisang, "/token", b"a=%ff&b=1"), "invalid_request", "form")
    refused(await post_form(pisang, "/token", b"a=1&" * 60), "invalid_request", "form")
    refused(await post_form(pisang, "/token", b"\xff\x00"), "invalid_request", "form")
    twice = f"grant_type=a&grant_type=b&assertion={signer.assertion()}".encode()
    refused(await post_form(pisang, "/token", twice), "invalid_request", "twice")
    big = await post_form(pisang, "/token", b"assertion=" + b"x" * 40_000)
    refused(big, "invalid_request", "32768")
    get = await call(pisang.app.asgi, "GET", "/token")
    refused(get, "invalid_request", "POST", status=405)


async def test_it_stands_behind_the_prefix_too(tmp_path: Path) -> None:
    async with server(tmp_path / "data", prefix="/gemini") as pisang:
        signer = Signer(await account(pisang))
        assert (await exchange(pisang, signer.assertion(), "/gemini/token")).status == 200
        refused(await exchange(pisang, "x.y.z", "/gemini/oauth2/token"), "invalid_grant")


async def test_what_is_our_fault_is_told_so_that_clients_try_again(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> str:
        raise StoreError("The disk of /secret/folder is full.")

    monkeypatch.setattr(tokens, "issue", full)
    reply = await exchange(pisang, Signer(await account(pisang)).assertion())
    refused(reply, "server_error", "its log says why", status=500)
    assert "/secret/folder" not in reply.json["error_description"]


async def test_a_compressed_form_is_refused(pisang: Server) -> None:
    headers = {"content-encoding": "gzip", "content-length": "3"}
    reply = await call(pisang.app.asgi, "POST", "/token", headers=headers, chunks=[b"abc"])
    refused(reply, "invalid_request", "uncompressed")


async def test_a_refused_request_writes_nothing(pisang: Server) -> None:
    signer = Signer(await account(pisang))
    before = pisang.app.database.path.with_name(pisang.app.database.path.name + "-wal").stat()
    for make, _ in list(WRONG.values())[::5]:
        await exchange(pisang, make(signer))
    after = pisang.app.database.path.with_name(pisang.app.database.path.name + "-wal").stat()
    assert before.st_mtime_ns == after.st_mtime_ns


async def test_whatever_bytes_come_it_is_never_a_500(pisang: Server) -> None:
    signer, chance = Signer(await account(pisang)), random.Random(11)
    right = signer.assertion()
    for _ in range(150):
        letters = list(right)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(letters))
            letters[at] = chance.choice("A.%=_-é\x00{\"'")
        reply = await exchange(pisang, "".join(letters))
        assert reply.status in (200, 400), reply.body
        assert reply.status == 400 or "".join(letters).rstrip("=") == right
    for _ in range(100):
        noise = chance.randbytes(chance.randint(0, 80))
        assert (await post_form(pisang, "/token", noise)).status == 400
        token = signer.signed({"alg": "RS256", "kid": noise.hex()}, {"iss": noise.decode("latin1")})
        assert (await exchange(pisang, token)).status == 400


async def test_the_minutes_of_a_token_are_a_setting(tmp_path: Path) -> None:
    async with server(tmp_path / "data", token_minutes=5) as pisang:
        reply = await exchange(pisang, Signer(await account(pisang)).assertion())
        assert reply.json["expires_in"] == 300


async def test_a_revoked_token_stops_and_cannot_be_revoked_again(pisang: Server) -> None:
    token = await access_token(pisang, await account(pisang))
    assert (await ask(pisang, token)).status == 200
    reply = await post_form(pisang, "/revoke", {"token": token})
    assert (reply.status, reply.json) == (200, {})
    assert (await ask(pisang, token)).status == 401
    refused(await post_form(pisang, "/oauth2/revoke", {"token": token}), "invalid_token")
    refused(await post_form(pisang, "/revoke", {}), "invalid_request", "token")
    other = await access_token(pisang, await account(pisang, "other"))
    assert (await post_form(pisang, f"/revoke?token={other}", b"")).status == 200
    refused(await post_form(pisang, "/revoke", {"token": pisang.key}), "invalid_token")
    assert (await ask(pisang, pisang.key)).status == 200


async def test_neither_tokens_nor_requests_are_kept_or_logged(
    pisang: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    key = await account(pisang)
    assertion = Signer(key).assertion()
    token = (await exchange(pisang, assertion)).json["access_token"]
    await ask(pisang, token)
    await exchange(pisang, assertion[:-9])
    seen = "".join(capsys.readouterr())
    body = key.private_key.splitlines()[4]
    for secret in (token, assertion[-40:], body):
        assert secret not in seen
        for file in pisang.app.database.path.parent.rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes()
    assert body not in repr(key)


async def test_the_sweep_forgets_old_tokens_only(pisang: Server) -> None:
    key, database = await account(pisang), pisang.app.database
    fresh = await access_token(pisang, key)
    async with database.write() as connection:
        expired = await tokens.issue(connection, key.id, seconds=-1)
        ancient = await tokens.issue(connection, key.id, seconds=-100_000)
    blobs = pisang.app.asgi.state.shared.blobs
    assert await tokens.sweep(database, blobs, now()) == 1
    assert await tokens.sweep(database, blobs, now()) == 0
    for token, reason in (
        (expired, "ACCESS_TOKEN_EXPIRED"),
        (ancient, "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
    ):
        assert (await ask(pisang, token)).error["details"][0]["reason"] == reason
    assert (await ask(pisang, fresh)).status == 200
