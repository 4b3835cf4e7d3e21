"""A small OpenID Connect issuer on loopback: real signatures, PKCE checked, and lies on request."""

import asyncio
import base64
import hashlib
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "pisang", "a secret/with+signs"


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class Issuer:
    """``person`` is who signs in; ``lies`` are put into its tokens in place of the truth (None
    leaves a claim out); ``key`` signs, ``published`` are shown."""

    address: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "1234",
            "email": "Ana@Example.com",
            "email_verified": True,
            "name": "Ana",
        }
    )
    lies: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: new_key("one"))
    published: list[RSAKey] = field(default_factory=list)
    userinfo: dict[str, Any] = field(default_factory=dict)
    methods: tuple[str, ...] = ("client_secret_basic",)
    begun: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def grant(self, query: dict[str, str]) -> str:
        """What the issuer does while somebody signs in at its page: the code for the way back."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = f"code-{len(self.begun)}"
        self.begun[code] = query
        return code

    def token(self, nonce: str) -> str:
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "nonce": nonce,
            **self.person,
            **self.lies,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, said, self.key)


async def _document(call: Request) -> Response:
    issuer: Issuer = call.app.state.issuer
    issuer.asked.append("document")
    return JSONResponse(
        {
            "issuer": issuer.address,
            "authorization_endpoint": f"{issuer.address}/authorize",
            "token_endpoint": f"{issuer.address}/token",
            "jwks_uri": f"{issuer.address}/keys",
            "userinfo_endpoint": f"{issuer.address}/userinfo",
            "token_endpoint_auth_methods_supported": list(issuer.methods),
        }
    )


async def _keys(call: Request) -> Response:
    issuer: Issuer = call.app.state.issuer
    issuer.asked.append("keys")
    shown = issuer.published or [issuer.key]
    return JSONResponse({"keys": [key.as_dict(private=False) for key in shown]})


async def _token(call: Request) -> Response:
    issuer: Issuer = call.app.state.issuer
    form = await call.form()
    begun = issuer.begun.pop(str(form.get("code")), None)
    if begun is None:
        return JSONResponse({"error": "invalid_grant"}, 400)
    digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
    proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if proof != begun["code_challenge"] or form.get("redirect_uri") != begun["redirect_uri"]:
        return JSONResponse({"error": "invalid_grant"}, 400)
    if not _is_client(call, dict(form), issuer.methods):
        return JSONResponse({"error": "invalid_client"}, 401)
    return JSONResponse(
        {"access_token": "at", "token_type": "Bearer", "id_token": issuer.token(begun["nonce"])}
    )


def _is_client(call: Request, form: dict[str, Any], methods: tuple[str, ...]) -> bool:
    if "client_secret_basic" not in methods:
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
    _, _, pair = call.headers.get("authorization", "").partition(" ")
    name, _, secret = base64.b64decode(pair).decode().partition(":")
    return (unquote(name), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET)


async def _userinfo(call: Request) -> Response:
    issuer: Issuer = call.app.state.issuer
    assert call.headers["authorization"] == "Bearer at"
    return JSONResponse(issuer.userinfo)


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """An issuer that listens on a free port."""
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", _document),
            Route("/keys", _keys),
            Route("/token", _token, methods=["POST"]),
            Route("/userinfo", _userinfo),
        ]
    )
    app.state.issuer = issuer = Issuer()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield issuer
        finally:
            server.should_exit = True
            await task
