"""``/admin/v1/sessions``: a person signs in, asks who they are, and signs out."""

import hmac
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts.principals import EVERYWHERE
from pisang.accounts.sessions import NewSession
from pisang.core.errors import MalformedRequest, SignInFailed
from pisang.signin import tickets
from pisang.surfaces import signin
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.identity import session_of
from pisang.surfaces.shared import shared


async def create(call: Request) -> Response:
    """Signs a person in, by `email` and `password`, or by the `code` of `/signin/oidc` with its
    `verifier`. With `cookie` a browser gets a cookie and no token."""
    sent = await fields.read(call, ("email", "password", "code", "verifier", "cookie"))
    made = await _signed_in(call, sent)
    told = {
        "principal": made.user.principal,
        "name": made.user.name,
        "expires_at": fields.shown(made.expires_at),
    }
    if not fields.truth(sent, "cookie"):
        return asking.answer(told | {"token": made.token})
    answer = asking.answer(told)
    signin.set_session(answer, call, made.token)
    return answer


async def current(call: Request) -> Response:
    """Who asks, whatever they came with, and their roles."""
    asks = await asking.person(call)
    async with shared(call).database.read() as connection:
        names = await asking.names(connection)
    return asking.answer(
        {
            "principal": asks.name,
            "roles": [
                {"project": names.get(place) if place != EVERYWHERE else None, "role": role.value}
                for place, role in sorted(asks.roles.items())
            ],
        }
    )


async def end(call: Request) -> Response:
    """Signs out: the token is refused from now on."""
    asks = await asking.person(call)
    token = session_of(call)
    if not token:
        raise MalformedRequest("This is a key or an access token, and no sign-in that could end.")
    await shared(call).signin.end(token, asks.name, signin.visitor(call))
    answer = asking.answer({})
    signin.set_session(answer, call, "")
    return answer


async def _signed_in(call: Request, sent: dict[str, Any]) -> NewSession:
    inside = shared(call)
    if "code" in sent:
        ticket = tickets.read(inside.secret, signin.CODE, fields.needed(sent, "code", most=4_096))
        shown = signin.challenge_of(fields.needed(sent, "verifier"))
        if not hmac.compare_digest(ticket["challenge"].encode(), shown.encode()):
            raise SignInFailed("This code was given to somebody else.")
        return await inside.signin.for_user(ticket["user"], signin.visitor(call))
    email, password = fields.needed(sent, "email"), sent.get("password")
    if not isinstance(password, str):
        raise MalformedRequest("password must be a text.", field="password")
    return await inside.signin.by_password(email, password, signin.visitor(call))


_CURRENT: Final = "/admin/v1/sessions/current"

ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/sessions", asking.anyone(create), methods=("POST",)),
    Route(_CURRENT, asking.anyone(current), methods=("GET",)),
    Route(_CURRENT, asking.anyone(end), methods=("DELETE",)),
)
