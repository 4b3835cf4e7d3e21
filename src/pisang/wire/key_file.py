"""The key file of a service account: ordinary Google JSON, whose ``token_uri`` is a server of ours.

``google.auth`` reads it by itself (``GOOGLE_APPLICATION_CREDENTIALS``), ``pisang token`` through
the second half of this module. No address in it is one of Google's, so that nothing of it can ever
be sent there by mistake; of the addresses, clients use ``token_uri`` alone. ``universe_domain`` is
Google's unless asked otherwise, because google-api-core refuses any that it was not told of.
"""

import json
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from pisang.core.errors import MalformedRequest, RequestError
from pisang.wire.payload import read_object

TYPE: Final = "service_account"
SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
LIFETIME: Final = 3600
UNIVERSE: Final = "googleapis.com"
_MOST_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What is needed to sign in."""

    email: str
    key_id: str
    token_uri: str
    private_key: str = field(repr=False)


def write(
    *,
    project: str,
    email: str,
    client_id: str,
    key_id: str,
    private_key: str,
    server: str,
    universe: str = UNIVERSE,
) -> str:
    """The text of a key file; ``server`` is the address with the prefix, without a slash."""
    certificates = f"{server}/oauth2/certs"
    return (
        json.dumps(
            {
                "type": TYPE,
                "project_id": project,
                "private_key_id": key_id,
                "private_key": private_key,
                "client_email": email,
                "client_id": client_id,
                "auth_uri": f"{server}/oauth2/auth",
                "token_uri": f"{server}/token",
                "auth_provider_x509_cert_url": certificates,
                "client_x509_cert_url": f"{certificates}/{quote(email, safe='')}",
                "universe_domain": universe,
            },
            indent=2,
        )
        + "\n"
    )


def read(data: bytes) -> KeyFile:
    """Reads a key file. Raises ``RequestError`` that says what is missing."""
    try:
        if len(data) > _MOST_BYTES:
            raise MalformedRequest("It is too long.")
        tree = read_object(data)
    except MalformedRequest as error:
        raise RequestError("This is no key file of a service account: it is not JSON.") from error
    if tree.get("type") != TYPE:
        raise RequestError(
            f"This is no key file of a service account: its type is "
            f"{str(tree.get('type'))[:40]!r}, not {TYPE!r}."
        )
    texts = {}
    for name in ("client_email", "private_key_id", "token_uri", "private_key"):
        value = tree.get(name)
        if not isinstance(value, str) or not value:
            raise RequestError(f"This key file has no {name}: make a new one.")
        texts[name] = value
    return KeyFile(
        email=texts["client_email"],
        key_id=texts["private_key_id"],
        token_uri=texts["token_uri"],
        private_key=texts["private_key"],
    )


def sign(file: KeyFile, *, at: float) -> str:
    """The signed request for an access token, made ``at`` (seconds since 1970).

    Raises ``RequestError`` where the private key cannot be used.
    """
    claims = {
        "iss": file.email,
        "sub": file.email,
        "aud": file.token_uri,
        "scope": SCOPE,
        "iat": int(at),
        "exp": int(at) + LIFETIME,
    }
    header = {"alg": "RS256", "kid": file.key_id}
    try:
        return jwt.encode(header, claims, RSAKey.import_key(file.private_key), ["RS256"])
    except (JoseError, ValueError, TypeError) as error:
        raise RequestError(
            "The private key in this key file is damaged: make a new one."
        ) from error
