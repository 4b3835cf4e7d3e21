"""``pisang keys``: create, list, change and revoke API keys, straight in the data folder.

It needs no running server; a running one follows at once, because it looks up every key it is sent.
"""

import sys
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import keys, projects
from pisang.cli.config import ConfigOption, DataOption
from pisang.cli.output import Terminal
from pisang.cli.records import (
    HomeOption,
    JsonOption,
    ProjectOption,
    home,
    run,
    settings_of,
    shown_time,
    within,
)
from pisang.core.caller import Allowance, ChatImages
from pisang.core.errors import RequestError

app = typer.Typer(
    help="Create, list, change and revoke API keys.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

_CHAT_IMAGES = "Where an OpenAI chat answer has its pictures: message.images, or in its content."
_ALLOW = "What else the key may do: ask for faults, or change engines and routes. Repeatable."
AllowOption = Annotated[
    list[Allowance] | None, typer.Option("--allow", help=_ALLOW, show_default=False)
]
KeyArgument = Annotated[str, typer.Argument(help="The key's id, or the key itself.")]


@app.command()
def create(
    project: HomeOption = None,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "key",
    chat_images: Annotated[
        ChatImages, typer.Option("--chat-images", help=_CHAT_IMAGES)
    ] = ChatImages.IMAGES,
    allow: AllowOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key and print it: the only time that it is shown."""
    chosen = project or projects.DEFAULT

    async def make(connection: AsyncConnection) -> keys.NewKey:
        owner = await home(connection, chosen)
        return await keys.create(
            connection, owner, name=name, chat_images=chat_images, allowed=allow or ()
        )

    made = run(make, settings_of(data, config))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json({"id": made.id, "key": made.key})
    else:
        terminal.result(made.key)
        terminal.note(f"This is {made.id} of project {chosen}. It is not shown again.")


@app.command("list")
def list_(
    project: ProjectOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List keys, revoked ones too; the keys themselves are not kept."""

    async def read(connection: AsyncConnection) -> list[keys.Key]:
        return await keys.listed(connection, await within(connection, project))

    found = run(read, settings_of(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json([_plain(key) for key in found])
        return
    terminal.table(
        ("ID", "PROJECT", "NAME", "ENDS IN", "CHAT IMAGES", "MAY", "CREATED", "REVOKED"),
        [
            (
                key.id,
                key.project,
                key.name,
                key.last4,
                key.chat_images.value,
                ",".join(sorted(key.allowed)),
                shown_time(key.created_at),
                shown_time(key.revoked_at),
            )
            for key in found
        ],
    )


@app.command()
def update(
    key: KeyArgument,
    chat_images: Annotated[
        ChatImages | None, typer.Option("--chat-images", help=_CHAT_IMAGES, show_default=False)
    ] = None,
    allow: AllowOption = None,
    allow_nothing: Annotated[
        bool, typer.Option("--allow-nothing", help="Take away what else the key may do.")
    ] = False,
    project: ProjectOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Change how a key is served; what was revoked stays so."""
    if chat_images is None and not allow and not allow_nothing:
        raise RequestError("Say what to change: --chat-images, --allow or --allow-nothing.")
    if allow and allow_nothing:
        raise RequestError("Give --allow or --allow-nothing, not both.", field="allow")
    allowed = frozenset(allow or ()) if allow or allow_nothing else None

    async def change(connection: AsyncConnection) -> str:
        owner = await within(connection, project)
        return await keys.change(connection, key, owner, chat_images=chat_images, allowed=allowed)

    changed = run(change, settings_of(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        said: dict[str, object] = {"id": changed}
        if chat_images is not None:
            said["chat_images"] = chat_images.value
        if allowed is not None:
            said["allowed"] = sorted(allowed)
        terminal.json(said)
        return
    if chat_images is not None:
        terminal.result(f"{changed} gets the pictures of a chat as {chat_images.value}.")
    if allowed is not None:
        may = " and ".join(sorted(allowed))
        terminal.result(
            f"{changed} may do this too: {may}." if may else f"{changed} may do no more."
        )


@app.command()
def revoke(
    key: KeyArgument,
    project: ProjectOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """End a key: from now on it is refused."""

    async def end(connection: AsyncConnection) -> str:
        return await keys.revoke(connection, key, await within(connection, project))

    ended = run(end, settings_of(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json({"id": ended})
    else:
        terminal.result(f"{ended} is revoked.")


def _plain(key: keys.Key) -> dict[str, str | list[str] | None]:
    return {
        "id": key.id,
        "project": key.project,
        "name": key.name,
        "last4": key.last4,
        "chat_images": key.chat_images.value,
        "allowed": sorted(key.allowed),
        "created_at": shown_time(key.created_at),
        "revoked_at": shown_time(key.revoked_at) or None,
    }
