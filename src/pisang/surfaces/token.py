"""The token endpoint: a signed request of a service account in, an access token out; and the end of
a token.

It speaks OAuth 2.0 as Google's endpoint does (RFC 7523): forms in, ``{"error": "invalid_grant"}``
and the like where something is wrong. Whoever calls it is a stranger until the signature was
checked, so bodies are small and nothing is written before that.
"""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import tokens
from pisang.admission import assertions
from pisang.core.current import bind
from pisang.core.errors import (
    InvalidToken,
    MalformedRequest,
    PermissionDenied,
    UnsupportedParameter,
)
from pisang.surfaces.answers import Pieces
from pisang.surfaces.shared import shared
from pisang.surfaces.small_bodies import small
from pisang.wire import oauth, payload

MOST_BYTES: Final = 32_768


async def exchange(call: Request) -> Response:
    """An access token for a signed request (JWT bearer grant)."""
    form = await _form(call)
    grant = _field(form, oauth.GRANT)
    if grant != oauth.JWT_BEARER:
        raise UnsupportedParameter(
            f"Invalid grant_type: {grant[:80]}. This server takes {oauth.JWT_BEARER}, the one of "
            "service accounts.",
            field=oauth.GRANT,
        )
    inside = shared(call)
    signed = await assertions.verify(
        inside.database, _field(form, "assertion"), audience=_is_ours, needs_audience=True
    )
    bind(key=signed.key.caller.key_id)
    _check_wish(signed)
    seconds = max(1, round(inside.settings.token_minutes * 60))
    async with inside.database.write() as connection:
        token = await tokens.issue(connection, signed.key.id, seconds=seconds)
    return Pieces(payload.pieces(oauth.answer(token, seconds=seconds)))


async def revoke(call: Request) -> Response:
    """The end of an access token: from now on it is refused."""
    given = (call.query_params.get("token") or _field(await _form(call), "token")).strip()
    inside = shared(call)
    async with inside.database.write() as connection:
        known = await tokens.revoke(connection, given)
    if not known:
        raise InvalidToken("Token expired or revoked.", field=oauth.TOKEN)
    return Pieces([b"{}"])


async def _form(call: Request) -> dict[str, str]:
    body = await small(call, most=MOST_BYTES)
    return dict(oauth.read_form(body, call.headers.get("content-type", "")))


def _field(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise MalformedRequest(f"Missing required parameter: {name}.", field=name)
    return value


def _is_ours(audience: str) -> bool:
    """By its path and not by its host: a proxy may give this server any name, and google-auth
    names Google's endpoint whatever the key file says. Nothing is lost, because a key is known to
    the one server that made it."""
    return assertions.path_of(audience).endswith("/token")


def _check_wish(signed: assertions.Assertion) -> None:
    """Only an access token, only for the account itself."""
    account, subject = signed.claims.get("iss"), signed.claims.get("sub")
    if subject is not None and subject != account:
        raise PermissionDenied(
            "Client is unauthorized to retrieve access tokens using this method: an account may "
            "sign in as itself only. Leave the subject out."
        )
    if "target_audience" in signed.claims:
        raise UnsupportedParameter(
            "Invalid OAuth scope or ID token audience provided. This server gives out access "
            "tokens and no ID tokens: ask for a scope, not for a target_audience.",
            field=oauth.SCOPE,
        )


_POST: Final = ("POST",)

ROUTES: Final[Sequence[Route]] = (
    Route("/token", exchange, methods=_POST),
    Route("/oauth2/token", exchange, methods=_POST, name="exchange_oauth2"),
    Route("/revoke", revoke, methods=_POST),
    Route("/oauth2/revoke", revoke, methods=_POST, name="revoke_oauth2"),
)
