"""``pisang code``: prints the program that sends the request ``pisang generate`` would send."""

from pathlib import Path
from typing import Annotated

import typer

from pisang.catalog.models import catalog
from pisang.cli import asking, naming
from pisang.cli.attach import is_address
from pisang.cli.output import Terminal
from pisang.core.content import FileRef, Part
from pisang.core.errors import RequestError
from pisang.core.image import sniff
from pisang.snippets import CLIENTS, Language, snippet

SERVER = "http://127.0.0.1:8787"

_HEAD_BYTES = 65_536  # enough of a file for its header to tell what it is
_MIME_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".gif": "image/gif",
}

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def code(
    prompt: Annotated[str, typer.Argument(help="What the picture shows; - reads standard input.")],
    client: Annotated[
        Language,
        typer.Option(
            "--client",
            case_sensitive=False,
            metavar="CLIENT",
            help="What it is written for: "
            + "; ".join(
                name if name == client.shown else f"{name} ({client.shown})"
                for name, client in CLIENTS.items()
            )
            + ".",
        ),
    ] = Language.CURL,
    model: asking.Model = asking.DEFAULT_MODEL,
    ratio: asking.Ratio = None,
    size: asking.Size = None,
    attach: asking.Attach = None,
    seed: asking.Seed = None,
    server: Annotated[
        str, typer.Option(envvar="PISANG_SERVER", metavar="URL", help="The server it will ask.")
    ] = SERVER,
    key_env: Annotated[
        str, typer.Option(metavar="NAME", help="The environment variable that holds the key.")
    ] = "PISANG_KEY",
) -> None:
    """Print the code that sends a request; it runs as it stands, once its variable has a key."""
    sources = attach or []
    text = asking.read_prompt(prompt, attach=sources)
    request = asking.request(
        (asking.user_turn(text, tuple(map(reference, sources))),),
        model=model,
        ratio=ratio,
        size=size,
        seed=seed,
    )
    card = catalog().get(model)
    suffix = naming.SUFFIXES.get(card.mime_default if card else "", ".png")
    terminal = Terminal()
    program = snippet(
        request, client, server=server, key_env=key_env, file=naming.slug(text) + suffix
    )
    terminal.result(program.rstrip("\n"))


def reference(source: str) -> Part:
    """A picture that the program will read itself. Its type is read from the file if it is there,
    else told from the suffix. Raises ``RequestError`` where neither tells."""
    if source == "-":
        raise RequestError("A program cannot read your standard input: name a file", field="attach")
    path = Path(source.split("?")[0].split("#")[0]) if is_address(source) else Path(source)
    mime_type = _MIME_TYPES.get(path.suffix.lower())
    if not is_address(source) and path.is_file():
        with path.open("rb") as file:
            header = sniff(file.read(_HEAD_BYTES))
        mime_type = header.media_type if header else mime_type
    elif is_address(source):
        mime_type = mime_type or "image/png"
    if mime_type is None:
        raise RequestError(f"{source} has no suffix that tells which picture it is", field="attach")
    return Part(file=FileRef(source, mime_type))
