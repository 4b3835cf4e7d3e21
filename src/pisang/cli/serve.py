"""``pisang serve``: the API on one address, until it is told to stop."""

import asyncio
import ctypes
import gc
import ipaddress
import json
import math
import os
import shlex
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from pisang import announce, journal, local
from pisang.accounts.first import ensure_default_project, ensure_first_key
from pisang.app import application
from pisang.cli.address import reachable
from pisang.cli.intake import Intake
from pisang.cli.options import ConfigOption, DataOption
from pisang.cli.output import Terminal
from pisang.cli.processes import Worker, supervise
from pisang.core.errors import EngineUnavailable, SettingsError
from pisang.routing import environment, kept
from pisang.routing.table import Table
from pisang.settings import Settings
from pisang.sources import Loaded, load
from pisang.store.folder import Folder, serving_at
from pisang.store.open import opened

app = typer.Typer(add_completion=False, rich_markup_mode=None)

BACKLOG = 2048
_OBJECTS = 10_000  # made and not yet gone, before garbage is looked for
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_LARGE = 32 * 1024 * 1024  # bytes got from the system each time: the most that glibc takes
_KEPT = 128 * 1024 * 1024  # bytes that are not given back: eight requests with 14 pictures
_MODEL = "gemini-3-pro-image"
_PROMPT = "A red fox in the snow, with the words 'Hello, pisang!'"


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port; 0 takes any free one.", show_default="8787")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(help="How many processes serve.", show_default="1")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the API.

    The first start makes the data folder and a first key, and shows how to use it. Each start says
    who makes the pictures and what they cost; see: pisang routes
    """
    typed = {"host": host, "port": port, "processes": processes, "data": data}
    loaded = load(typed, config=config)
    journal.set_up(level=loaded.settings.log_level, form=loaded.settings.log_format)
    with _listening(loaded.settings) as listener, _together(loaded.settings) as counted_in:
        worker = None
        if loaded.settings.processes > 1:
            worker = _several(loaded.settings, listener)
            if worker is None:  # this is the parent, and all of them have stopped
                return
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(loaded, listener, worker, counted_in))


def _several(settings: Settings, listener: socket.socket) -> Worker | None:
    """Makes the processes; in the parent of them, returns None when they have stopped."""
    url, terminal = _url(settings, listener), Terminal(sys.stdout, sys.stderr)
    first_key, table = asyncio.run(_prepared(settings))

    def started() -> None:
        _tell(terminal, url, first_key)
        _say_who_makes(terminal, settings, table)
        _warn(terminal, settings, listener)

    with serving_at(Folder(settings.data), url):
        worker = supervise(settings.processes, started=started)
        if worker is None:
            terminal.note("Stopped.")
    return worker


async def _prepared(settings: Settings) -> tuple[str | None, Table]:
    """What is made once for all processes: tables, the first key; and what the routes are."""
    async with opened(settings.data, settings.postgres) as (_, database):
        await ensure_default_project(database)
        made = await ensure_first_key(database)
        async with database.read() as connection:
            rows = await kept.read(connection)
    return made.key if made else None, local.table(settings, kept=rows.written).table


async def _serve(
    loaded: Loaded, listener: socket.socket, worker: Worker | None, counted_in: Path | None
) -> None:
    settings, terminal = loaded.settings, Terminal(sys.stdout, sys.stderr)
    async with application(settings, counted_in=counted_in) as built:
        server = uvicorn.Server(
            uvicorn.Config(
                built.asgi,
                http=Intake,
                ws="none",
                lifespan="off",  # what must be opened is open, and is closed below
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=math.ceil(settings.shutdown_grace),
            )
        )
        _mind_memory()
        if worker is not None:
            with _signals_left_to(server), worker.until_parent_ends(lambda: _stop(server)):
                worker.ready()
                await server.serve(sockets=[listener])
            return
        url = _url(settings, listener)
        _tell(terminal, url, built.first_key.key if built.first_key else None)
        _say_who_makes(terminal, settings, built.gateway.router.table)
        _warn(terminal, settings, listener)
        with _signals_left_to(server), serving_at(Folder(settings.data), url):
            await server.serve(sockets=[listener])
        terminal.note("Stopped.")


def _mind_memory() -> None:
    """What there is by now stays until the end: nobody need look through it for garbage, again and
    again. And memory that was needed for one body is kept for the next: glibc would give it back
    to the system and fetch it again for each. Both were a tenth of the time for large bodies."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    with suppress(OSError, AttributeError, TypeError):  # another C library has no such function
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)


@contextmanager
def _together(settings: Settings) -> Iterator[Path | None]:
    """A folder in which several processes count together, until their parent stops."""
    if settings.processes == 1:
        yield None
        return
    parent, folder = os.getpid(), Path(tempfile.mkdtemp(prefix="pisang-metrics-"))
    try:
        yield folder
    finally:
        if os.getpid() == parent:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """An open, listening socket; a port in use is one sentence, not a traceback."""
    where = f"{settings.host}:{settings.port}"
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"Cannot listen on {where}: {settings.host!r} is no address of this machine.",
            field="host",
        ) from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            raise EngineUnavailable(
                f"Cannot listen on {where}: {_why(error)} Choose another with --port or --host."
            ) from error
        listener.setblocking(False)
        yield listener


def _why(error: OSError) -> str:
    words = (error.strerror or str(error)).lower()
    if "in use" in words:
        return "another program (perhaps pisang itself) listens there already."
    return f"{words}."


@contextmanager
def _signals_left_to(server: uvicorn.Server) -> Iterator[None]:
    """uvicorn stops gently on SIGINT and SIGTERM, then raises the signal once more, which would end
    the process with an error; here that second signal finds nothing left to stop."""
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: _stop(server)) for number in wanted}
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _stop(server: uvicorn.Server) -> None:
    server.should_exit = True


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # not on Windows
    except ImportError:
        return None
    return uvloop.Loop


def _url(settings: Settings, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{reachable(host)}:{port}{settings.prefix}"


def _tell(terminal: Terminal, url: str, key: str | None) -> None:
    """Says where the API is; at the first start also the key, and two lines to paste."""
    terminal.result(f"pisang serves the Gemini API and Vertex AI at {url}")
    terminal.result(f"OpenAI's clients take {url}/v1; the code for each client: `pisang code -h`.")
    if key is not None:
        terminal.result(
            f"\nYour first key, shown only this once:\n\n  {key}\n\n"
            f"Make a picture with curl (it writes fox.png):\n\n  {curl_line(url, key)}\n\n"
            "or with Google's SDK (pip install google-genai):\n\n"
            f"  {python_line(url, key)}\n"
        )
    else:
        terminal.result("Keys: `pisang keys list`; a new one: `pisang keys create`.")


def _say_who_makes(terminal: Terminal, settings: Settings, table: Table) -> None:
    """Says who makes the pictures, at which price, and what of the environment was left aside."""
    first, *more = announce.lines(table)
    terminal.result(f"Routes: {first}" if more else first)
    for line in more:
        terminal.result(f"        {line}")
    if not settings.routes:
        for note in environment.defaults(os.environ).notes:
            terminal.note(note)


def _warn(terminal: Terminal, settings: Settings, listener: socket.socket) -> None:
    """Says what an address that is not only this machine exposes."""
    host, port = listener.getsockname()[:2]
    if not _is_loopback(host):
        terminal.warn(
            f"{settings.host} is not only this machine: whoever can reach port {port} can talk to "
            "this server. It speaks plain HTTP, so keys, prompts and pictures can be read on the "
            "way. Put a TLS proxy in front of it, or use 127.0.0.1."
        )


def curl_line(url: str, key: str) -> str:
    """One line that writes fox.png; it needs curl and Python, no package."""
    body = json.dumps(
        {
            "contents": [{"parts": [{"text": _PROMPT.replace("'", '"')}]}],
            "generationConfig": {"responseModalities": ["IMAGE"]},
        }
    )
    unpack = (
        "import sys,json,base64; a=json.load(sys.stdin); "
        'p=a["candidates"][0]["content"]["parts"] if "candidates" in a else sys.exit(str(a)); '
        'open("fox.png","wb").write(base64.b64decode(p[-1]["inlineData"]["data"]))'
    )
    return (
        f"curl -sS {url}/v1beta/models/{_MODEL}:generateContent -H 'x-goog-api-key: {key}' "
        f"-H 'content-type: application/json' -d {shlex.quote(body)} "
        f"| python3 -c {shlex.quote(unpack)}"
    )


def python_line(url: str, key: str) -> str:
    """One line that writes fox.png with Google's own SDK."""
    program = (
        "from google import genai; "
        f'c = genai.Client(api_key="{key}", http_options={{"base_url": "{url}"}}); '
        f'r = c.models.generate_content(model="{_MODEL}", contents="A red fox in the snow"); '
        '[p.as_image().save("fox.png") for p in r.parts if p.inline_data]'
    )
    return f"python3 -c {shlex.quote(program)}"


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
