"""Bearer tokens: keys, access tokens and signed requests, and what stands in the wrong place."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pisang.accounts import projects, service_accounts
from pisang.testing import Server, server
from tests.path.asgi import call, generate, get, post
from tests.path.signing import Signer, access_token, account, ask

VERTEX = "https://aiplatform.googleapis.com/"


def reason(reply_error: dict[str, object]) -> object:
    details = reply_error["details"]
    assert isinstance(details, list)
    return next(one["reason"] for one in details if one["@type"].endswith("ErrorInfo"))


async def test_a_signed_request_is_a_bearer_token(pisang: Server) -> None:
    bearer = Signer(await account(pisang)).bearer()
    headers = {"authorization": f"Bearer {bearer}"}
    assert (await post(pisang, generate(), key="", headers=headers)).status == 200
    assert (await ask(pisang, bearer, "/v1/models")).status == 200
    address = f"/v1beta/models?access_token={bearer}"
    assert (await call(pisang.app.asgi, "GET", address)).status == 200


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        (None, 200),
        (VERTEX, 200),
        ("https://us-central1-aiplatform.googleapis.com", 200),
        ("https://aiplatform.eu.rep.googleapis.com/", 200),
        ("https://generativelanguage.googleapis.com/", 200),
        ("http://pictures.example:8787/", 200),
        ("https://PICTURES.example", 200),
        (["https://elsewhere.example", VERTEX], 200),
        ("https://storage.googleapis.com/", 401),
        ("https://oauth2.googleapis.com/token", 401),
        ("https://aiplatform.googleapis.com.evil.example/", 401),
        ("https://evil-aiplatform.example/", 401),
        ("https://aiplatform", 401),
        ("https://elsewhere.example/aiplatform.googleapis.com", 401),
        ("", 401),
        ("http://[::1", 401),
        (5, 401),
        ([], 401),
    ],
)
async def test_an_audience_must_be_this_server_or_the_service_it_stands_for(
    pisang: Server, audience: object, status: int
) -> None:
    bearer = Signer(await account(pisang)).bearer(aud=audience)
    reply = await ask(pisang, bearer, host="pictures.example:8787")
    assert reply.status == status, reply.body


async def test_the_public_address_is_an_audience_whatever_a_proxy_calls_us(tmp_path: Path) -> None:
    async with server(tmp_path / "data", public_url="https://images.example/x") as pisang:
        signer = Signer(await account(pisang))
        mine = signer.bearer(aud="https://images.example/x")
        assert (await ask(pisang, mine, host="10.0.0.7")).status == 200
        other = signer.bearer(aud="https://other.example/")
        assert (await ask(pisang, other, host="10.0.0.7")).status == 401


WRONG: dict[str, tuple[Callable[[Signer], str], str, str]] = {
    "alg none": (
        lambda s: s.signed(s.header(alg="none"), s.claims()).rpartition(".")[0] + ".",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "RS256",
    ),
    "HMAC with the public key": (
        lambda s: s.hmac_signed(s.header(alg="HS256"), s.claims()),
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "RS256",
    ),
    "bad signature": (
        lambda s: s.bearer()[:-20] + "A" * 20,
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "Invalid JWT Signature",
    ),
    "expired": (
        lambda s: s.bearer(iat=int(time.time()) - 3610, exp=int(time.time()) - 10),
        "ACCESS_TOKEN_EXPIRED",
        "expired 1",
    ),
    "good for too long": (
        lambda s: s.bearer(exp=int(time.time()) + 7200),
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "60 minutes",
    ),
    "not good yet": (
        lambda s: s.bearer(nbf=int(time.time()) + 600),
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "in the future",
    ),
    "good from some day": (lambda s: s.bearer(nbf="x"), "ACCESS_TOKEN_TYPE_UNSUPPORTED", "nbf"),
    "for another": (
        lambda s: s.bearer(sub="boss@example.com"),
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "iss and sub",
    ),
    "for nobody": (lambda s: s.bearer(sub=None), "ACCESS_TOKEN_TYPE_UNSUPPORTED", "iss and sub"),
    "unknown": (lambda s: s.bearer(iss="a@b"), "ACCESS_TOKEN_TYPE_UNSUPPORTED", "not found"),
    "a token never given": (
        lambda _: "pst_" + "x" * 40,
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "gave out no such",
    ),
    "a long one": (lambda _: "pst_" + "x" * 400, "ACCESS_TOKEN_TYPE_UNSUPPORTED", "bearer token"),
    "Google's": (lambda _: "ya29.abc", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "Google's"),
    "OpenAI's": (lambda _: "sk-proj-abc", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "OpenAI's"),
    "anything": (lambda _: "letmein", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "psk_"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_bearer_token_is_401_with_its_cause(pisang: Server, name: str) -> None:
    make, why, said = WRONG[name]
    token = make(Signer(await account(pisang)))
    reply = await ask(pisang, token)
    assert (reply.status, reply.error["status"]) == (401, "UNAUTHENTICATED")
    assert reason(reply.error) == why
    assert reply.error["message"].startswith("Request had invalid authentication credentials.")
    assert said in reply.error["message"]
    assert token not in reply.error["message"]
    assert reply.headers["www-authenticate"].startswith("Bearer")
    openai = await ask(pisang, token, "/v1/models")
    assert (openai.status, openai.json["error"]["code"]) == (401, "invalid_api_key")


async def test_a_bad_key_is_a_bad_key_wherever_it_stands(pisang: Server) -> None:
    for reply in (await ask(pisang, "psk_unknown"), await ask(pisang, "psk_" + "x" * 400)):
        assert (reply.status, reason(reply.error)) == (400, "API_KEY_INVALID")


@pytest.mark.parametrize("place", ["x-goog-api-key", "key"])
async def test_a_token_where_a_key_belongs_is_told_where_it_belongs(
    pisang: Server, place: str
) -> None:
    key = await account(pisang)
    for token in (await access_token(pisang, key), Signer(key).bearer()):
        address = f"/v1beta/models?key={token}" if place == "key" else "/v1beta/models"
        headers = {} if place == "key" else {place: token}
        reply = await call(pisang.app.asgi, "GET", address, headers=headers)
        assert (reply.status, reason(reply.error)) == (400, "API_KEY_INVALID")
        assert "Authorization: Bearer" in reply.error["message"]
        assert token not in reply.error["message"]


async def test_a_key_of_google_is_told_apart(pisang: Server) -> None:
    reply = await get(pisang, "/v1beta/models", **{"x-goog-api-key": "AIzaSyFake"})
    assert reply.status == 400
    assert "an API key of Google's" in reply.error["message"]


async def test_two_credentials_are_one_too_many(pisang: Server) -> None:
    token = await access_token(pisang, await account(pisang))
    reply = await ask(pisang, token, f"/v1beta/models?key={pisang.key}")
    assert reply.status == 400
    assert "two different credentials" in reply.error["message"]
    assert (await ask(pisang, token, f"/v1beta/models?access_token={token}")).status == 200


async def test_each_account_stands_for_its_own_project(pisang: Server) -> None:
    one, other = await account(pisang), await account(pisang, project="second")
    tokens = [await access_token(pisang, key) for key in (one, other)]
    async with pisang.app.database.read() as connection:
        second = await projects.find(connection, "second")
    for named in ("second", second.number):
        address = f"/v1/projects/{named}/locations/global/models"
        refused, passed = [await ask(pisang, token, address) for token in tokens]
        assert (refused.status, refused.error["status"]) == (403, "PERMISSION_DENIED")
        assert passed.status == 200


async def test_a_quota_project_of_google_cloud_changes_nothing(pisang: Server) -> None:
    token = await access_token(pisang, await account(pisang))
    sent = {"x-goog-user-project": "quota-proj"}
    assert (await ask(pisang, token, **sent)).status == 200


async def test_a_revoked_account_stops_its_signed_requests_at_once(pisang: Server) -> None:
    key = await account(pisang)
    bearer = Signer(key).bearer()
    assert (await ask(pisang, bearer)).status == 200
    async with pisang.app.database.write() as connection:
        await service_accounts.revoke(connection, key.email)
    reply = await ask(pisang, bearer)
    assert (reply.status, reason(reply.error)) == (401, "ACCESS_TOKEN_EXPIRED")
    assert "revoked" in reply.error["message"]


async def test_whatever_stands_in_the_header_it_is_never_a_500(pisang: Server) -> None:
    chance, right = random.Random(5), Signer(await account(pisang)).bearer()
    for _ in range(200):
        letters = list(right[: chance.randint(1, len(right))])
        for _ in range(chance.randint(0, 4)):
            letters[chance.randrange(len(letters))] = chance.choice("A.%=_-é\x7f{\"' ")
        reply = await ask(pisang, "".join(letters))
        assert reply.status in (400, 401), ("".join(letters), reply.body)
    for scheme in ("Basic YTpi", "Bearer", "Bearer ", "bearer  ", "Token x", ""):
        reply = await call(
            pisang.app.asgi, "GET", "/v1beta/models", headers={"authorization": scheme}
        )
        assert reply.status == 403
