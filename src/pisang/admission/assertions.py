"""Signed requests of service accounts: JSON Web Tokens, believed only after every check.

Google's clients send one in two places: at the token endpoint, in exchange for an access token, and
as a bearer token in place of one. Both are read here, and differ in the audience that they name.
The one algorithm is RS256: it is chosen by us and not by the token, so neither ``none`` nor an HMAC
made with the public key can pass. The sentences begin as Google's token endpoint begins them.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from pisang.accounts.keys import suspended
from pisang.accounts.service_accounts import AccountKey, keys_of
from pisang.core.errors import ExpiredToken, InvalidToken, MalformedRequest
from pisang.store.database import Database
from pisang.wire.base64 import decode_base64
from pisang.wire.payload import read_object

MAX_LENGTH: Final = 8192
LIFETIME: Final = 3600.0
SKEW: Final = 60.0
"""Seconds by which a client's clock may be ahead of ours."""

_ALGORITHM: Final = "RS256"
_MAX_EMAIL: Final = 254
_LATEST: Final = 1e11  # seconds: the year 5138
_TIMEFRAME: Final = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)

Audience = Callable[[str], bool]
"""Whether a token that names this audience is meant for us."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a token says, after its signature was found good."""

    key: AccountKey
    claims: Mapping[str, object]


def looks_signed(secret: str) -> bool:
    """Whether this has the form of a JSON Web Token: three parts with dots, of which the first is
    an object in base64."""
    return secret.startswith("eyJ") and secret.count(".") == 2


async def verify(
    database: Database,
    token: str,
    *,
    audience: Audience,
    needs_audience: bool,
    at: float | None = None,
) -> Assertion:
    """Reads a token and checks its form, its signature, its times and its audience.

    ``at`` is the time in seconds since 1970 (default: now). Raises ``InvalidToken`` with the reason
    and ``ExpiredToken`` where only its time is over, or its key or account was revoked.
    """
    header, claims = _read(token)
    account, kid = claims.get("iss"), header.get("kid")
    if not isinstance(account, str) or not 0 < len(account) <= _MAX_EMAIL:
        raise InvalidToken("Invalid JWT: the claim iss must be the email of the service account.")
    if kid is not None and not isinstance(kid, str):
        raise InvalidToken("Invalid JWT: kid must be a text, the private_key_id of the key file.")
    async with database.read() as connection:
        keys = await keys_of(connection, account, kid)
    if not keys:
        raise InvalidToken(
            "Invalid grant: account not found. Neither this email nor this key id is known here: "
            "make an account with `pisang service-accounts create`, on this server."
        )
    key = next((key for key in keys if _signed(token, key)), None)
    if key is None:
        raise InvalidToken(
            "Invalid JWT Signature. The token was not signed (by RS256) with the private key of "
            "this account: use the key file as it was written."
        )
    if key.ended:
        raise ExpiredToken(
            "Invalid JWT: the service account, or the key that signed this, was revoked."
        )
    if key.suspended:
        raise suspended(key.caller.project_number)
    _check_audience(claims, audience, needed=needs_audience)
    _check_times(claims, time.time() if at is None else at)
    return Assertion(key, claims)


def _read(token: str) -> tuple[Mapping[str, object], Mapping[str, object]]:
    parts = token.split(".")
    if len(token) > MAX_LENGTH or len(parts) != 3:
        raise InvalidToken(
            "Invalid JWT: a token has three parts with dots between them, and at most "
            f"{MAX_LENGTH} letters."
        )
    try:
        header, claims = (read_object(decode_base64(part)) for part in parts[:2])
    except (MalformedRequest, ValueError):
        raise InvalidToken(
            "Invalid JWT: header and claims must be JSON objects in base64."
        ) from None
    if header.get("alg") != _ALGORITHM:
        raise InvalidToken(f"Invalid JWT: sign it with {_ALGORITHM}, no other algorithm is taken.")
    if "crit" in header:
        raise InvalidToken("Invalid JWT: the header crit asks for what is not known here.")
    return header, claims


def _signed(token: str, key: AccountKey) -> bool:
    try:
        jws.deserialize_compact(token, RSAKey.import_key(key.public_key), [_ALGORITHM], _REGISTRY)
    except (JoseError, ValueError, TypeError):
        return False
    return True


# A name in the header that we do not know means nothing (RFC 7515, section 4).
_REGISTRY: Final = jws.JWSRegistry(algorithms=[_ALGORITHM], strict_check_header=False)


def _check_audience(claims: Mapping[str, object], audience: Audience, *, needed: bool) -> None:
    named = claims.get("aud")
    if named is None and not needed:
        return
    several = named if isinstance(named, list) else [named]
    if not any(isinstance(one, str) and audience(one) for one in several):
        raise InvalidToken(
            "Invalid JWT: Failed audience check. The claim aud must be the token_uri of the key "
            "file (for an access token), or the address that is asked (for a bearer token)."
        )


def _check_times(claims: Mapping[str, object], at: float) -> None:
    began, ends = _seconds(claims, "iat"), _seconds(claims, "exp")
    counts_from = _seconds(claims, "nbf") if "nbf" in claims else began
    if max(began, counts_from) > at + SKEW:
        raise InvalidToken(
            f"{_TIMEFRAME} iat or nbf is in the future: is this machine's clock right?"
        )
    if not 0 < ends - began <= LIFETIME:
        raise InvalidToken(f"{_TIMEFRAME} exp must be after iat, by {LIFETIME:.0f} at most.")
    if ends <= at:
        raise ExpiredToken(f"{_TIMEFRAME} It expired {at - ends:.0f} seconds ago.")


def _seconds(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise InvalidToken(f"{_TIMEFRAME} {name} must be a number of seconds since 1970.")
    return float(value)


def is_google(host: str) -> bool:
    """Whether a host is one of Google's APIs."""
    return host == "googleapis.com" or host.endswith(".googleapis.com")


def host_of(address: str) -> str:
    """The host of an address in lower case; empty for what is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def path_of(address: str) -> str:
    """The path of an address; empty for what is none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""
