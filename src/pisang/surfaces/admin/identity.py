"""Who asks a server for a change: the principal that a credential stands for.

Beside keys and access tokens, the admin API takes the sign-in of a person: as a bearer token, or in
a browser as a cookie. A browser sends cookies by itself, also where another site's page makes it
ask; so with a cookie only pages of this server may change anything.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from pisang.accounts import principals, sessions
from pisang.accounts.known import Known
from pisang.accounts.principals import Principal
from pisang.accounts.uses import Uses
from pisang.admission.authenticate import authenticate, credential
from pisang.core.current import bind
from pisang.core.errors import MissingCredential, PermissionDenied
from pisang.settings import Settings
from pisang.surfaces.visitors import address_of, check_visit

COOKIE: Final = "pisang_session"

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def by_credential(
    known: Known, uses: Uses, settings: Settings
) -> Callable[[Request], Awaitable[Principal]]:
    """Tells the principal of a request by its API key, its access token or its sign-in; where it
    came from stands in ``call.state.address`` from then on."""

    async def who(call: Request) -> Principal:
        call.state.address = address_of(call, settings.trusted_proxies)
        if token := session_of(call):
            async with known.database.read() as connection:
                user = await sessions.verify(connection, token)
                bind(user=user.id)
                return await principals.named(connection, user.principal)
        caller = await authenticate(
            known, call.headers, call.query_params, public_url=settings.public_url
        )
        check_visit(call, caller, prefix=settings.prefix, proxies=settings.trusted_proxies)
        uses.note(caller.key_id)
        bind(key=caller.key_id)
        async with known.database.read() as connection:
            return await principals.of_caller(connection, caller)

    return who


def session_of(call: Request) -> str:
    """The token of a person's sign-in; empty where the request has another credential, or none.

    Raises ``PermissionDenied`` for a change that a page of another site asked a browser for.
    """
    try:
        given = credential(call.headers, call.query_params).secret
    except MissingCredential:
        given = call.cookies.get(COOKIE, "")
        if given and call.method not in _READS:
            _check_site(call)
    is_one = given.startswith(sessions.PREFIX) and len(given) <= sessions.MAX_LENGTH
    return given if is_one else ""


def _check_site(call: Request) -> None:
    site, origin = call.headers.get("sec-fetch-site"), call.headers.get("origin", "")
    if site in ("same-origin", "none"):
        return
    if site is None and origin and urlsplit(origin).netloc == call.headers.get("host"):
        return
    raise PermissionDenied(
        "Only a page of this server may do this with the cookie of a sign-in; anything else sends "
        "the token as Authorization: Bearer."
    )
