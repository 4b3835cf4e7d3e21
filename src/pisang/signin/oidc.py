"""OpenID Connect: an issuer of the operator's choice says who somebody is (authorization code with
PKCE, OpenID Connect Core 1.0 section 3.1).

What the issuer says is believed only after every check: its signature, by a key that it publishes
and an algorithm that we chose; itself, us, the time, and the nonce of this very sign-in.
"""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx2
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pisang.core.errors import SettingsError, SignInFailed

SCOPE: Final = "openid email profile"
SKEW: Final = 60.0
"""Seconds by which the issuer's clock may differ from ours."""

_SECONDS: Final = 10.0  # that the issuer may take for one answer
_FRESH: Final = 3600.0  # seconds for which what it publishes is kept
_SOONEST: Final = 60.0  # seconds before its keys are asked for again, for one we do not know
_MOST_BYTES: Final = 1_000_000
_ALGORITHMS: Final = (
    *(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)),
    "EdDSA",
)
_REGISTRY: Final = jws.JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the issuer vouches for; ``subject`` is the issuer and whom it calls so."""

    subject: str
    email: str
    name: str


class Issuer:
    """One issuer, asked by one process. Close it at the end. ``clock`` is the time in seconds since
    1970."""

    def __init__(
        self,
        address: str,
        *,
        client_id: str,
        client_secret: str = "",
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not client_id:
            raise SettingsError(
                "oidc_issuer needs oidc_client_id: what the issuer calls this server.",
                field="oidc_client_id",
            )
        self.address = address
        self.client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._http = httpx2.AsyncClient(transport=transport, timeout=_SECONDS)
        self._published: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, *, redirect: str, state: str, nonce: str, challenge: str) -> str:
        """The address to which a browser is sent; ``challenge`` is the S256 of a verifier."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = _text(await self._document(), "authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def person(self, code: str, *, redirect: str, verifier: str, nonce: str) -> Person:
        """Whom the issuer vouches for by this code. Raises ``SignInFailed``."""
        answer = await self._exchanged(code, redirect, verifier)
        claims = await self._claims(_text(answer, "id_token"))
        self._check(claims, nonce)
        if "email" not in claims and isinstance(answer.get("access_token"), str):
            claims = {**await self._userinfo(answer["access_token"], claims["sub"]), **claims}
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
            raise SignInFailed("The issuer does not vouch for an email address of this person.")
        name = claims.get("name")
        issuer = _text(await self._document(), "issuer")
        return Person(
            subject=f"{issuer} {claims['sub']}",
            email=email.strip().lower(),
            name=name if isinstance(name, str) else "",
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def _document(self) -> Mapping[str, Any]:
        """What the issuer publishes of itself (OpenID Connect Discovery 1.0)."""
        if self._published is None or self._clock() - self._published[0] > _FRESH:
            where = f"{self.address.rstrip('/')}/.well-known/openid-configuration"
            found = await self._asked("GET", where)
            if str(found.get("issuer", "")).rstrip("/") != self.address.rstrip("/"):
                raise SignInFailed("The issuer calls itself by another address than oidc_issuer.")
            self._published = self._clock(), found
        return self._published[1]

    async def _exchanged(self, code: str, redirect: str, verifier: str) -> Mapping[str, Any]:
        document = await self._document()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": self.client_id,
            "code_verifier": verifier,
        }
        headers = {}
        if self._client_secret:
            ways = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in ways:
                pair = quote(self.client_id, safe=""), quote(self._client_secret, safe="")
                headers = {"authorization": f"Basic {b64encode(':'.join(pair).encode()).decode()}"}
            else:
                form["client_secret"] = self._client_secret
        return await self._asked("POST", _text(document, "token_endpoint"), form, headers)

    async def _userinfo(self, token: str, subject: object) -> Mapping[str, Any]:
        """The claims that stand not in the token but at the issuer's; of the same person only."""
        where = (await self._document()).get("userinfo_endpoint")
        if not isinstance(where, str):
            return {}
        found = await self._asked("GET", where, headers={"authorization": f"Bearer {token}"})
        return found if found.get("sub") == subject else {}

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """What a token says, after its signature was found good. A key that is not known is asked
        for once: issuers change theirs."""
        for again in (False, True):
            try:
                read = jwt.decode(token, await self._key_set(again=again), registry=_REGISTRY)
            except (JoseError, ValueError, TypeError, KeyError):
                continue
            return read.claims
        raise SignInFailed("The issuer's token is not signed by a key that it publishes.")

    async def _key_set(self, *, again: bool) -> KeySet:
        oldest = _SOONEST if again else _FRESH
        if self._keys is None or self._clock() - self._keys[0] > oldest:
            found = await self._asked("GET", _text(await self._document(), "jwks_uri"))
            try:
                self._keys = self._clock(), KeySet.import_key_set({"keys": list(found["keys"])})
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise SignInFailed("The issuer publishes no keys that can be read.") from error
        return self._keys[1]

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        """Everything that a token must say. Raises ``SignInFailed``."""
        assert self._published is not None
        audience = claims.get("aud")
        several = audience if isinstance(audience, list) else [audience]
        at = self._clock()
        checks = {
            "issuer": claims.get("iss") == self._published[1].get("issuer"),
            "audience": self.client_id in several
            and (len(several) == 1 or claims.get("azp") == self.client_id)
            and claims.get("azp", self.client_id) == self.client_id,
            "subject": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255,
            "nonce": claims.get("nonce") == nonce,
            "end": _seconds(claims, "exp") > at - SKEW,
            "beginning": _seconds(claims, "iat") <= at + SKEW
            and _seconds(claims, "nbf", 0) <= at + SKEW,
        }
        if wrong := [name for name, right in checks.items() if not right]:
            raise SignInFailed(f"The issuer's token is not for this sign-in: {', '.join(wrong)}.")

    async def _asked(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """A JSON object of the issuer. Raises ``SignInFailed`` without its words: they may name
        what only it and this server know."""
        try:
            answer = await self._http.request(method, address, data=form, headers=headers)
            found = answer.json() if len(answer.content) <= _MOST_BYTES else None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise SignInFailed("The issuer cannot be reached, or answers no JSON.") from error
        if answer.status_code != 200 or not isinstance(found, dict):
            raise SignInFailed(f"The issuer refused (HTTP {answer.status_code}).")
        return found


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise SignInFailed(f"The issuer's answer has no {name}.")
    return value


def _seconds(claims: Mapping[str, Any], name: str, otherwise: float = -1) -> float:
    """A time of the claims. One that is missing fails whichever check it is for."""
    value = claims.get(name, otherwise)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value != -1 else float("nan")
