"""Who is asking? Finds the key in a request and the caller it stands for.

Google's clients send a key in a header, in the query or, our addition, as a bearer token: all three
are the same key here. Two *different* keys in one request are refused, because guessing which
project pays is worse than asking.
"""

from collections.abc import Mapping

from pisang.accounts import keys
from pisang.core.caller import Caller
from pisang.core.errors import InvalidKey, MalformedRequest, MissingCredential
from pisang.store.database import Database


def credential(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The key of a request; header names are lower case. Raises for none and for two."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    found = (
        headers.get("x-goog-api-key", "").strip(),
        query.get("key", "").strip(),
        bearer,
        query.get("access_token", "").strip(),
        query.get("oauth_token", "").strip(),
    )
    given = [secret for secret in dict.fromkeys(found) if secret]
    if not given:
        raise MissingCredential(
            "Send a key of this server in the header x-goog-api-key, in ?key=, or as "
            "Authorization: Bearer."
        )
    if len(given) > 1:
        raise MalformedRequest(
            "This request carries two different API keys. Send one: in the header "
            "x-goog-api-key, in ?key=, or as Authorization: Bearer."
        )
    return given[0]


async def authenticate(
    database: Database, headers: Mapping[str, str], query: Mapping[str, str]
) -> Caller:
    """The verified caller. Raises ``MissingCredential`` or ``InvalidKey``."""
    secret = credential(headers, query)
    caller = None
    if len(secret) <= keys.MAX_LENGTH:
        async with database.read() as connection:
            caller = await keys.verify(connection, secret)
    if caller is None:
        raise InvalidKey("API key not valid. Please pass a valid API key.")
    return caller
