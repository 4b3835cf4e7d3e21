"""Who is asking? Finds the credential in a request and the caller it stands for.

Three kinds are told apart by their form: our API key (``psk_``), our access token (``pst_``) and a
request that a service account signed by itself (a JSON Web Token). Google's clients send a key in a
header or in the query, tokens as bearer; a key as bearer is our addition, for OpenAI's clients. Two
*different* credentials in one request are refused, because guessing which project pays is worse
than asking. Whatever is revoked stops at once, in every process (``accounts/known.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pisang.accounts import keys, sessions, tokens
from pisang.accounts.known import Known
from pisang.admission import assertions
from pisang.admission.foreign import cure
from pisang.core.caller import Caller
from pisang.core.errors import InvalidKey, InvalidToken, MalformedRequest, MissingCredential
from pisang.store.database import Database

_KEY_PLACES: Final = "in the header x-goog-api-key, in ?key=, or as Authorization: Bearer"

_TOKENS: Final = ("oauth_token", "access_token")
CREDENTIAL_PARAMETERS: Final = frozenset({"key", *_TOKENS})
"""Where a credential may stand in an address: nobody else may ever see these."""

_GOOGLE_SERVICES: Final = ("aiplatform", "generativelanguage")


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret, and whether it stood where only API keys stand."""

    secret: str
    as_key: bool


def credential(headers: Mapping[str, str], query: Mapping[str, str]) -> Credential:
    """The credential of a request; header names are lower case. Raises for none and for two."""
    given = dict[str, bool]()
    for name in _TOKENS if query else ():
        given[query.get(name, "").strip()] = False
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        given[token.strip()] = False
    if query:
        given[query.get("key", "").strip()] = True
    given[headers.get("x-goog-api-key", "").strip()] = True
    given.pop("", None)
    if not given:
        raise MissingCredential(
            f"Send an API key of this server {_KEY_PLACES}; or, as a bearer token, an access token "
            "of a service account."
        )
    if len(given) > 1:
        what = "API keys" if all(given.values()) else "credentials"
        raise MalformedRequest(
            f"This request carries two different {what}. Send one: an API key {_KEY_PLACES}, or an "
            "access token as Authorization: Bearer."
        )
    return Credential(*next(iter(given.items())))


async def authenticate(
    known: Known,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    *,
    public_url: str = "",
) -> Caller:
    """The verified caller. ``public_url`` is the address of this server, where it is set.

    Raises ``MissingCredential``, ``InvalidKey`` for an API key, and ``InvalidToken`` or
    ``ExpiredToken`` for a token.
    """
    given = credential(headers, query)
    secret = given.secret
    if secret.startswith(keys.PREFIX):
        found = await known.by_key(secret) if len(secret) <= keys.MAX_LENGTH else None
        if found is None:
            raise InvalidKey("API key not valid. Please pass a valid API key.")
        return found
    if given.as_key:
        raise _no_key(secret)
    if secret.startswith(tokens.PREFIX) and len(secret) <= keys.MAX_LENGTH:
        return await known.by_token(secret)
    if assertions.looks_signed(secret):
        return await _by_signature(known.database, secret, headers, public_url)
    raise _no_token(secret)


async def _by_signature(
    database: Database, token: str, headers: Mapping[str, str], public_url: str
) -> Caller:
    """google-cloud-aiplatform signs for itself, with a scope and no audience; other clients name
    the address they ask, or the service of Google's that they take it for."""
    own = {assertions.host_of(f"//{headers.get('host', '')}"), assertions.host_of(public_url)} - {
        ""
    }

    def meant_for_us(audience: str) -> bool:
        host = assertions.host_of(audience)
        return host in own or _is_google_service(host)

    signed = await assertions.verify(database, token, audience=meant_for_us, needs_audience=False)
    if signed.claims.get("sub") != signed.claims.get("iss"):
        raise InvalidToken("Invalid JWT: iss and sub must both be the email of the account.")
    return signed.key.caller


def _is_google_service(host: str) -> bool:
    """``aiplatform.googleapis.com``, ``us-central1-aiplatform...``, ``aiplatform.eu.rep...``."""
    return assertions.is_google(host) and host.partition(".")[0].endswith(_GOOGLE_SERVICES)


def _no_key(secret: str) -> InvalidKey:
    if secret.startswith(tokens.PREFIX) or assertions.looks_signed(secret):
        return InvalidKey(
            "API key not valid. Please pass a valid API key. This is an access token, and stands "
            "where a key belongs: send it as Authorization: Bearer."
        )
    return InvalidKey(f"API key not valid. Please pass a valid API key. {cure(secret)}".rstrip())


def _no_token(secret: str) -> InvalidToken:
    if secret.startswith(sessions.PREFIX):
        return InvalidToken(
            "This is the sign-in of a person, which the admin API takes. Make a key to ask for "
            "pictures: pisang keys create."
        )
    said = (
        "A bearer token of this server is an API key (psk_...), an access token (pst_...) or a "
        f"request signed by a service account. {cure(secret)}"
    )
    return InvalidToken(said.rstrip())
