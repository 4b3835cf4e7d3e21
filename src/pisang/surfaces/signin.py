"""``/signin/oidc``: a browser goes to the issuer that the operator chose, and comes back signed in.

What is between the two (state, nonce, the verifier of PKCE) the browser carries in a signed cookie,
so that any server process may see it come back. A command on somebody's machine begins here too: it
gets a code at an address of its own machine and exchanges it, with a secret that only it has, at
``/admin/v1/sessions`` - no token ever stands in an address.
"""

import base64
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from pisang.core.errors import FailedPrecondition, MalformedRequest, SignInFailed
from pisang.signin import tickets
from pisang.signin.oidc import Issuer
from pisang.signin.people import Proof, Visitor
from pisang.surfaces.admin.identity import COOKIE
from pisang.surfaces.shared import origin, shared
from pisang.surfaces.visitors import address_of

BEGUN: Final = "pisang_signin"
"""The cookie of a sign-in that has begun."""

CODE: Final = "code"
"""The purpose of a ticket that a command exchanges for its session."""

_BEGUN_SECONDS: Final = 600
_CODE_SECONDS: Final = 60
_CALLBACK: Final = "/signin/oidc/callback"
_LONGEST: Final = 500
_PAGE: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>pisang</title>"
    "<p>You are signed in as {email}. You can close this page.</p></html>"
)


async def begin(call: Request) -> Response:
    """Sends a browser to the issuer. `to` is where it goes in the end, on this server; a command
    gives `loopback` (an address of its own machine), `challenge` and `state` instead."""
    query, issuer = call.query_params, _issuer(call)
    begun = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "to": _local(query.get("to", "")),
        "loopback": _loopback(query.get("loopback", "")),
        "challenge": query.get("challenge", "")[:_LONGEST],
        "their_state": query.get("state", "")[:_LONGEST],
    }
    if begun["loopback"] and not begun["challenge"]:
        raise MalformedRequest("challenge is missing.", field="challenge")
    address = await issuer.begin(
        redirect=origin(call) + _CALLBACK,
        state=begun["state"],
        nonce=begun["nonce"],
        challenge=challenge_of(begun["verifier"]),
    )
    answer = RedirectResponse(address, status_code=302)
    ticket = tickets.written(shared(call).secret, BEGUN, begun, seconds=_BEGUN_SECONDS)
    _set(answer, call, BEGUN, ticket, seconds=_BEGUN_SECONDS, path="/signin")
    return answer


async def callback(call: Request) -> Response:
    """Takes a browser back from the issuer: signs it in, or gives a code to the command."""
    inside, issuer, query = shared(call), _issuer(call), call.query_params
    begun = tickets.read(inside.secret, BEGUN, call.cookies.get(BEGUN, ""))
    if not hmac.compare_digest(begun["state"].encode(), query.get("state", "").encode()):
        raise SignInFailed("This sign-in did not begin in this browser: begin it again.")
    if "code" not in query:
        said = query.get("error", "no code")[:80]
        raise SignInFailed(f"The issuer did not sign anybody in: {said}.")
    proof = Proof(query["code"], origin(call) + _CALLBACK, begun["verifier"], begun["nonce"])
    user = await inside.signin.by_issuer(issuer, proof, visitor(call))
    if begun["loopback"]:
        told = {"user": user.id, "challenge": begun["challenge"]}
        code = tickets.written(inside.secret, CODE, told, seconds=_CODE_SECONDS)
        back = urlencode({"code": code, "state": begun["their_state"]})
        answer: Response = RedirectResponse(f"{begun['loopback']}?{back}", status_code=302)
    else:
        session = await inside.signin.for_user(user.id, visitor(call))
        page = HTMLResponse(_PAGE.format(email=escape(user.email)))
        answer = RedirectResponse(begun["to"], status_code=302) if begun["to"] else page
        set_session(answer, call, session.token)
    answer.delete_cookie(BEGUN, path=f"{inside.settings.prefix}/signin")
    return answer


def set_session(answer: Response, call: Request, token: str) -> None:
    """Gives a browser the cookie of a sign-in; an empty token takes it away."""
    hours = shared(call).settings.session_hours if token else 0
    _set(answer, call, COOKIE, token, seconds=round(hours * 3600), path="/")


def visitor(call: Request) -> Visitor:
    """Who signs in or out by this call: for the audit log, and for counting attempts."""
    address = address_of(call, shared(call).settings.trusted_proxies)
    return Visitor(address, str(getattr(call.state, "request_id", "")))


def challenge_of(verifier: str) -> str:
    """The challenge of a verifier (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _issuer(call: Request) -> Issuer:
    issuer = shared(call).signin.issuer
    if issuer is None:
        raise FailedPrecondition(
            "This server knows no issuer to sign in by: the operator sets oidc_issuer. People with "
            "a password sign in with `pisang login`."
        )
    return issuer


def _set(
    answer: Response, call: Request, name: str, value: str, *, seconds: int, path: str
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=shared(call).settings.prefix + path,
        httponly=True,
        secure=not _plain_loopback(origin(call)),
        samesite="lax",
    )


def _plain_loopback(address: str) -> bool:
    """Whether this is plain HTTP on the machine itself, where some browsers keep no cookie that is
    for TLS only."""
    parts = urlsplit(address)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _local(to: str) -> str:
    """A path of this server; raises for anything that might lead elsewhere."""
    plain = to.isprintable() and "\\" not in to and len(to) <= _LONGEST
    if to and not (plain and to.startswith("/") and not to.startswith("//")):
        raise MalformedRequest("to must be a path of this server, as /studio.", field="to")
    return to


def _loopback(address: str) -> str:
    """An address on the machine of whoever began; raises for every other one."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        host, right = parts.hostname or "", parts.scheme == "http" and bool(parts.port)
    except ValueError:
        host, right = "", False
    plain = not (parts.query or parts.fragment or parts.username) if right else False
    # By its number: the name "localhost" may be somebody else's machine (RFC 8252, section 8.3).
    if not plain or host not in ("127.0.0.1", "::1") or len(address) > _LONGEST:
        raise MalformedRequest(
            "loopback must be an address like http://127.0.0.1:4711/ of the machine itself.",
            field="loopback",
        )
    return address


ROUTES: Final[Sequence[Route]] = (
    Route("/signin/oidc", begin, methods=("GET",)),
    Route(_CALLBACK, callback, methods=("GET",)),
)
