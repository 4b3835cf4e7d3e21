"""Signed requests for tests: right ones, and every way in which one can be wrong."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from pisang.accounts import projects, service_accounts
from pisang.accounts.service_accounts import NewAccountKey
from pisang.testing import Server
from pisang.wire.oauth import JWT_BEARER
from tests.path.asgi import Reply, call

TOKEN_URI = "http://127.0.0.1:8787/token"


async def account(
    pisang: Server, name: str = "robot", project: str = projects.DEFAULT
) -> NewAccountKey:
    async with pisang.app.database.write() as connection:
        home = await projects.ensure(connection, project)
        return await service_accounts.create(connection, home, name=name)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded(value: object) -> str:
    return b64(value if isinstance(value, bytes) else json.dumps(value).encode())


@dataclass
class Signer:
    """Makes tokens as ``key`` may make them; whatever is given replaces, or with None leaves out,
    what is right."""

    key: NewAccountKey
    now: float = 0

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(self.now or time.time())
        right = {"iss": self.key.email, "sub": self.key.email, "iat": now, "exp": now + 3600}
        return {k: v for k, v in (right | changed).items() if v is not None}

    def header(self, **changed: Any) -> dict[str, Any]:
        right = {"typ": "JWT", "alg": "RS256", "kid": self.key.id}
        return {k: v for k, v in (right | changed).items() if v is not None}

    @property
    def private(self) -> RSAPrivateKey:
        loaded = load_pem_private_key(self.key.private_key.encode(), None)
        assert isinstance(loaded, RSAPrivateKey)
        return loaded

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    def signed(self, header: object, claims: object) -> str:
        text = f"{encoded(header)}.{encoded(claims)}"
        return f"{text}.{b64(self.private.sign(text.encode(), PKCS1v15(), SHA256()))}"

    def hmac_signed(self, header: object, claims: object) -> str:
        text = f"{encoded(header)}.{encoded(claims)}"
        return f"{text}.{b64(hmac.digest(self.public_pem, text.encode(), hashlib.sha256))}"

    def assertion(self, **changed: Any) -> str:
        return self.signed(self.header(), self.claims(**{"aud": TOKEN_URI} | changed))

    def bearer(self, **changed: Any) -> str:
        return self.signed(
            self.header(),
            self.claims(**{"scope": "https://www.googleapis.com/auth/cloud-platform"} | changed),
        )


async def post_form(
    pisang: Server,
    address: str,
    form: dict[str, str] | bytes,
    content_type: str = "application/x-www-form-urlencoded",
) -> Reply:
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    headers = {"content-type": content_type, "content-length": str(len(body))}
    return await call(pisang.app.asgi, "POST", address, headers=headers, chunks=[body])


async def exchange(pisang: Server, assertion: str, address: str = "/token") -> Reply:
    return await post_form(pisang, address, {"grant_type": JWT_BEARER, "assertion": assertion})


async def access_token(pisang: Server, key: NewAccountKey) -> str:
    reply = await exchange(pisang, Signer(key).assertion())
    assert reply.status == 200, reply.body
    return str(reply.json["access_token"])


async def ask(pisang: Server, token: str, address: str = "/v1beta/models", **headers: str) -> Reply:
    sent = {"authorization": f"Bearer {token}"} | headers
    return await call(pisang.app.asgi, "GET", address, headers=sent)
