"""The address by which callers reach a server, as its settings or a person give it."""

import ipaddress
from urllib.parse import urlsplit

from pisang.core.errors import SettingsError
from pisang.settings import Settings
from pisang.store.folder import Folder, served_at


def address_of(settings: Settings) -> str:
    """Where callers reach this server: by its settings, or as the server that runs now was started;
    with the prefix. Raises ``SettingsError`` where nothing tells, because the port is left to
    chance."""
    if settings.public_url:
        return settings.public_url
    running = served_at(Folder(settings.data))
    if running:
        return running
    if not settings.port:
        raise SettingsError(
            "The port of the server is not known (port is 0): give its address with --server.",
            field="server",
        )
    return f"http://{reachable(settings.host)}:{settings.port}{settings.prefix}"


def reachable(host: str) -> str:
    """A host to put into an address: one that listens everywhere is reached on this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return f"[{host}]" if address.version == 6 else host


def checked(server: str) -> str:
    """An address that a person gave, without a slash at its end.

    Raises ``SettingsError`` where it is none.
    """
    try:
        parts = urlsplit(server)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            f"{server!r} is no server address: write it as http://127.0.0.1:8787", field="server"
        )
    return server.rstrip("/")
