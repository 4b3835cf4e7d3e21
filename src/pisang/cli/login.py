"""``pisang login`` and ``pisang logout``: sign in to a server as a person.

Commands with ``--server`` then need no key. By OpenID Connect a browser opens, and comes back to an
address of this machine with a code that only this command can exchange.
"""

import base64
import getpass
import hashlib
import hmac
import secrets
import sys
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Annotated
from urllib.parse import parse_qs, urlencode, urlsplit

import typer

from pisang.cli import admin, signins
from pisang.cli.address import checked
from pisang.cli.admin import Plain
from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.cli.place import Place
from pisang.core.errors import RequestError, SignInFailed

app = typer.Typer(add_completion=False, rich_markup_mode=None)

SECONDS = 300.0
"""How long a person has to sign in by the browser."""

SignInServer = Annotated[
    str,
    typer.Option(
        "--server",
        envvar="PISANG_SERVER",
        metavar="URL",
        help="The server to sign in to.",
        show_default=False,
    ),
]


@app.command(epilog="Example: pisang login ana@example.com --server https://images.example")
def login(
    server: SignInServer,
    email: Annotated[str | None, typer.Argument(help="Your email.", show_default=False)] = None,
    oidc: Annotated[bool, typer.Option("--oidc", help="Sign in by the browser.")] = False,
    json: JsonOption = False,
) -> None:
    """Sign in to a server; commands with --server then need no key.

    Asks for your password, or reads it from standard input where that is no terminal.
    """
    server, terminal = checked(server), Terminal()
    if oidc:
        proof = _by_browser(server, terminal)
    else:
        if not email:
            raise RequestError("Give your email, or --oidc.", field="email")
        proof = {"email": email, "password": _password()}
    found = admin.ask(Place(server, ""), "POST", "/sessions", proof)
    who, until = str(found["principal"]), str(found["expires_at"])
    file = signins.keep(server, str(found["token"]), principal=who, expires_at=until)
    if json:
        terminal.json({"principal": who, "expires_at": until})
    else:
        terminal.result(f"Signed in to {server} as {who} until {until}.")
        terminal.note(f"The sign-in is kept in {file}; `pisang logout` ends it.")


def end(server: SignInServer, json: JsonOption = False) -> None:
    """Sign out: the sign-in is refused from now on."""
    server, terminal = checked(server), Terminal()
    token = signins.kept(server)
    if token:
        admin.ask(Place(server, token), "DELETE", "/sessions/current")
    signins.forget(server)
    if json:
        terminal.json({"server": server})
    else:
        terminal.result(f"Signed out of {server}.")


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\r\n")


def _by_browser(server: str, terminal: Terminal) -> Plain:
    """A code, and the verifier that makes it ours."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    with _Loopback(state) as loopback:
        asked = {"loopback": loopback.address, "challenge": challenge, "state": state}
        address = f"{server}/signin/oidc?{urlencode(asked)}"
        terminal.note(f"Sign in here, if no browser opens: {address}")
        webbrowser.open(address)
        return {"code": loopback.code(SECONDS), "verifier": verifier}


class _Loopback(HTTPServer):
    """Waits at an address of this machine for a browser to come back."""

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Back)
        self.state = state
        self.found = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def code(self, seconds: float) -> str:
        """The code that came. Raises ``SignInFailed`` where none does in time."""
        ends = time.monotonic() + seconds
        while not self.found and (left := ends - time.monotonic()) > 0:
            self.timeout = left
            self.handle_request()
        if not self.found:
            raise SignInFailed("Nobody signed in by the browser.")
        return self.found


class _Back(BaseHTTPRequestHandler):
    server: _Loopback

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        code, state = query.get("code", [""])[0], query.get("state", [""])[0]
        right = bool(code) and hmac.compare_digest(state.encode(), self.server.state.encode())
        if right:
            self.server.found = code
        said = b"You are signed in. You can close this page." if right else b"Not this address."
        self.send_response(200 if right else 404)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Says nothing: an address with a code in it belongs in no log."""
