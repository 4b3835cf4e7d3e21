"""``pisang chat``: a picture and then changes to it, turn by turn; each picture becomes a file.

On a terminal it is a conversation with line editing; in a pipe every line is a turn. The event
loop runs only while a picture is made: reading a line outside it keeps Ctrl-C as plain as in any
other program.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Annotated

import typer

from pisang.cli import asking, attach, naming, saving, transcript
from pisang.cli.exits import Exit, sentence
from pisang.cli.maker import Make, maker
from pisang.cli.options import DataOption
from pisang.cli.output import Terminal
from pisang.cli.progress import progress
from pisang.cli.transcript import Transcript
from pisang.core.content import Blob, Part
from pisang.core.errors import PisangError, RequestError, StoreError
from pisang.core.request import ImageConfig
from pisang.sources import load

PROMPT = "> "
HELP = """\
Say what to draw, then what to change. Commands:
  /attach FILE|URL  give a picture to the next turn
  /undo             take the last turn back
  /save FILE|DIR    write the last picture once more
  /quit             leave (Ctrl-D does too); pisang chat -c goes on later"""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def chat(
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="MODEL",
            help=f"The model's id; default {asking.DEFAULT_MODEL}.",
        ),
    ] = None,
    ratio: asking.Ratio = None,
    size: asking.Size = None,
    attach: Annotated[
        list[str] | None,
        typer.Option(
            "--attach", "-a", metavar="FILE|URL", help="A picture for the first turn. Repeatable."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE|DIR", help="Where the pictures go."),
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last chat.")
    ] = False,
    server: asking.Server = None,
    key: asking.Key = None,
    data: DataOption = None,
    quiet: asking.Quiet = False,
) -> None:
    """Make a picture and change it, turn by turn. Paths go to standard output."""
    folder = load({"data": data}).settings.data
    terminal = Terminal(quiet=quiet)
    past = transcript.last(folder) if go_on else Transcript(model="", stem="")
    said = ImageConfig(
        aspect_ratio=ratio or past.image.aspect_ratio, image_size=size or past.image.image_size
    )
    past = replace(past, model=model or past.model or asking.DEFAULT_MODEL, image=said)
    talk = Talk(terminal, past, output=output, keep=lambda now: transcript.keep(now, folder))
    if output is not None:
        naming.target(output, "x")  # refuses a wrong suffix before the first turn
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        make = runner.run(
            stack.enter_async_context(maker(server, key, data=data, tell=terminal.note))
        )
        try:
            runner.run(talk.attach(attach or []))
            raise typer.Exit(converse(talk, make, runner))
        finally:
            runner.run(stack.aclose())


def converse(talk: "Talk", make: Make, runner: asyncio.Runner) -> Exit:
    """Reads lines until they end. On a terminal an error ends the turn, in a pipe the chat."""
    interactive = sys.stdin.isatty()
    if interactive:
        talk.terminal.note("Say what to draw; /help tells more.")
    for line in lines(interactive, talk.terminal):
        try:
            if runner.run(talk.take(line, make)):
                break
        except KeyboardInterrupt:
            if not interactive:
                raise
            talk.terminal.note("Interrupted; the turn is not kept.")
        except PisangError as error:
            if not interactive:
                raise
            talk.terminal.warn(sentence(error))
    return talk.outcome if not interactive else Exit.OK


def lines(interactive: bool, terminal: Terminal) -> Iterator[str]:
    """The lines that someone types, or those of a pipe; empty ones are left out."""
    read = _typed_line(terminal) if interactive else sys.stdin.readline
    while True:
        try:
            line = read()
        except KeyboardInterrupt:  # at the prompt it throws the line away, as in a shell
            if not interactive:
                raise
            terminal.err.write("\n")
            continue
        except EOFError:
            terminal.err.write("\n")
            return
        except UnicodeDecodeError as error:
            raise RequestError("The lines on standard input are not UTF-8 text") from error
        if not line:
            return
        if line.strip():
            yield line.strip()


def _typed_line(terminal: Terminal) -> Callable[[], str]:
    if not terminal.out.isatty():  # the prompt must not mix with the paths on standard output

        def read() -> str:
            terminal.err.write(PROMPT)
            terminal.err.flush()
            return sys.stdin.readline()

        return read
    with suppress(ImportError):  # its import gives input() line editing; Windows has none
        import readline  # noqa: F401
    return lambda: input(PROMPT) + "\n"


@dataclass(slots=True)
class Talk:
    """A conversation in progress: what was said, what is attached to the next turn."""

    terminal: Terminal
    past: Transcript
    keep: Callable[[Transcript], None]
    output: str | None = None
    outcome: Exit = Exit.OK
    waiting: list[Blob] = field(default_factory=list)

    async def attach(self, sources: list[str]) -> None:
        """Reads pictures for the next turn."""
        if "-" in sources:
            raise RequestError("A chat reads its turns from standard input: name a file instead")
        self.waiting += await attach.read(sources)

    async def take(self, line: str, make: Make) -> bool:
        """Acts on one line; true when it ends the chat."""
        if not line.startswith("/"):
            await self._turn(line, make)
            return False
        word, _, rest = line.partition(" ")
        match word:
            case "/quit" | "/exit":
                return True
            case "/help":
                self.terminal.note(HELP)
            case "/undo":
                self._undo()
            case "/save":
                self._save(rest.strip())
            case "/attach":
                await self.attach([rest.strip()])
                self.terminal.note(f"{len(self.waiting)} attached to the next turn.")
            case _:
                raise RequestError(f"There is no command {word}; /help lists them")
        return False

    async def _turn(self, line: str, make: Make) -> None:
        prompt = asking.read_prompt(line, attach=[])
        stem = self.past.stem or naming.stem(prompt)
        target = self._target(stem)
        naming.prepare(target.folder)
        turn = asking.user_turn(prompt, tuple(Part(blob=blob) for blob in self.waiting))
        request = asking.request(
            (*self.past.contents, turn),
            model=self.past.model,
            ratio=self.past.image.aspect_ratio,
            size=self.past.image.image_size,
            mime_type=saving.asked_type(target, self.past.model),
        )
        async with progress(self.terminal, "Drawing"):
            answer = await make(request)
        saving.tell(answer.result, answer.notice, self.terminal, thoughts=False)
        files = await saving.save(answer.result, target, self.terminal)
        if not files:
            self.terminal.warn(saving.why_none(answer.result.finished))
            self.outcome = Exit.NO_IMAGE
            return
        self.waiting.clear()
        contents = (*request.contents, transcript.model_turn(answer.result))
        self._now(replace(self.past, stem=stem, contents=contents))
        for file in files:
            self.terminal.result(file.path)

    def _target(self, stem: str) -> naming.Target:
        target = naming.target(self.output, stem)
        return target if self.output else replace(target, stem=stem)

    def _now(self, past: Transcript) -> None:
        """What was said counts in any case; that ``-c`` finds it later is worth a warning only."""
        self.past = past
        try:
            self.keep(past)
        except StoreError as error:
            self.terminal.warn(f"{error.message}. This chat goes on; -c will not find it.")

    def _undo(self) -> None:
        if not self.past.contents:
            raise RequestError("There is nothing to undo")
        self._now(replace(self.past, contents=self.past.contents[:-2]))
        self.terminal.note("The last turn is taken back.")

    def _save(self, where: str) -> None:
        blobs = [part.blob for content in self.past.contents[-1:] for part in content.parts]
        pictures = [blob for blob in blobs if blob]
        if not pictures:
            raise RequestError("There is no picture yet")
        target = naming.target(where or None, self.past.stem)
        naming.prepare(target.folder)
        for blob in pictures:
            path = target.path_for(blob.mime_type)
            self.terminal.result(str(naming.write_new(path, blob.data)))
