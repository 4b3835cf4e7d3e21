"""An issuer is believed only after every check: its key, itself, us, the time, and this sign-in."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from pisang.core.errors import SettingsError, SignInFailed
from pisang.signin.oidc import Issuer, Person
from pisang.surfaces.signin import challenge_of
from tests.issuer import CLIENT_ID, CLIENT_SECRET, issuing, new_key
from tests.issuer import Issuer as StandIn

BACK = "https://images.example/signin/oidc/callback"
LONG_AGO, FAR_AHEAD = 1_600_000_000, 4_000_000_000  # the same in every process that runs tests


@pytest.fixture
async def there() -> AsyncIterator[StandIn]:
    async with issuing() as issuer:
        yield issuer


@pytest.fixture
async def issuer(there: StandIn) -> AsyncIterator[Issuer]:
    made = Issuer(there.address, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    yield made
    await made.close()


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


async def signed_in(issuer: Issuer, there: StandIn, **other: str) -> Person:
    verifier, nonce = "v" * 64, "this-sign-in"
    address = await issuer.begin(
        redirect=BACK, state="s", nonce=nonce, challenge=challenge_of(verifier)
    )
    code = there.grant(dict(parse_qsl(urlsplit(address).query)))
    sent = {"redirect": BACK, "verifier": verifier, "nonce": nonce, **other}
    return await issuer.person(code, **sent)


async def test_somebody_whom_the_issuer_vouches_for(issuer: Issuer, there: StandIn) -> None:
    found = await signed_in(issuer, there)
    assert found == Person(f"{there.address} 1234", "ana@example.com", "Ana")
    await signed_in(issuer, there)
    assert there.asked == ["document", "keys"]  # what it publishes is asked for once


@pytest.mark.parametrize("methods", [("client_secret_basic",), ("client_secret_post",)])
async def test_the_secret_is_sent_as_the_issuer_wants_it(
    issuer: Issuer, there: StandIn, methods: tuple[str, ...]
) -> None:
    there.methods = methods
    assert (await signed_in(issuer, there)).name == "Ana"


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": [CLIENT_ID, "another"]},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"nonce": "another-sign-in"},
        {"nonce": None},
        {"exp": LONG_AGO},
        {"exp": None},
        {"exp": "later"},
        {"iat": FAR_AHEAD},
        {"iat": None},
        {"nbf": FAR_AHEAD},
        {"email_verified": False},
        {"email_verified": None},
        {"email": None},
        {"email": 7},
    ],
    ids=str,
)
async def test_a_token_that_lies(issuer: Issuer, there: StandIn, lies: dict[str, Any]) -> None:
    there.lies = lies
    with pytest.raises(SignInFailed):
        await signed_in(issuer, there)


async def test_several_audiences_are_fine_where_we_are_who_asked(
    issuer: Issuer, there: StandIn
) -> None:
    there.lies = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert (await signed_in(issuer, there)).name == "Ana"


async def test_a_token_that_somebody_else_signed(issuer: Issuer, there: StandIn) -> None:
    await signed_in(issuer, there)
    there.published, there.key = [there.key], new_key("one")
    with pytest.raises(SignInFailed, match="not signed by a key"):
        await signed_in(issuer, there)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_whose_algorithm_the_sender_chose(
    issuer: Issuer, there: StandIn, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    public = there.key.as_pem(private=False)

    def token(nonce: str) -> str:
        claims = {"iss": there.address, "aud": CLIENT_ID, "nonce": nonce, **there.person}
        times = {"iat": int(time.time()), "exp": int(time.time()) + 60}
        told = [{"alg": algorithm, "kid": "one"}, {**claims, **times}]
        body = ".".join(encoded(json.dumps(each).encode()) for each in told)
        signature = hmac.digest(public, body.encode(), "sha256") if algorithm == "HS256" else b""
        return f"{body}.{encoded(signature)}"

    monkeypatch.setattr(there, "token", token)
    with pytest.raises(SignInFailed, match="not signed by a key"):
        await signed_in(issuer, there)


async def test_an_issuer_that_changed_its_key(there: StandIn) -> None:
    at = 1_000.0 + time.time()
    clock = [at]
    issuer = Issuer(
        there.address, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, clock=lambda: clock[0]
    )
    there.lies = {"iat": int(at), "exp": int(at) + 900}
    await signed_in(issuer, there)
    there.key = new_key("two")
    with pytest.raises(SignInFailed):
        await signed_in(issuer, there)  # its keys were asked for a moment ago
    clock[0] += 61
    assert (await signed_in(issuer, there)).name == "Ana"
    await issuer.close()


async def test_an_email_that_stands_not_in_the_token(issuer: Issuer, there: StandIn) -> None:
    there.person = {"sub": "1234"}
    there.userinfo = {"sub": "1234", "email": "ana@example.com", "email_verified": True}
    assert (await signed_in(issuer, there)).email == "ana@example.com"
    there.userinfo["sub"] = "another"
    with pytest.raises(SignInFailed, match="vouch"):
        await signed_in(issuer, there)


async def test_a_code_of_another_sign_in(issuer: Issuer, there: StandIn) -> None:
    for other in ({"verifier": "w" * 64}, {"redirect": "https://evil.example/"}):
        with pytest.raises(SignInFailed, match="refused"):
            await signed_in(issuer, there, **other)
    with pytest.raises(SignInFailed, match="refused"):
        await issuer.person("no code", redirect=BACK, verifier="v", nonce="n")


async def test_an_issuer_that_is_not_there_or_is_another(there: StandIn) -> None:
    for address in ("http://127.0.0.1:1", f"{there.address}/nothing"):
        issuer = Issuer(address, client_id=CLIENT_ID)
        with pytest.raises(SignInFailed, match="issuer"):
            await issuer.begin(redirect=BACK, state="s", nonce="n", challenge="c")
        await issuer.close()
    address, there.address = there.address, "https://evil.example"
    issuer = Issuer(address, client_id=CLIENT_ID)
    with pytest.raises(SignInFailed, match="another address"):
        await issuer.begin(redirect=BACK, state="s", nonce="n", challenge="c")
    await issuer.close()
    with pytest.raises(SettingsError, match="oidc_client_id"):
        Issuer(address, client_id="")
