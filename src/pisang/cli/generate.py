"""``pisang generate``: makes a picture from a prompt and writes it to a file named after it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from pisang.catalog.models import catalog
from pisang.catalog.prices import price
from pisang.cli import asking, attach, naming, saving
from pisang.cli.exits import Exit
from pisang.cli.maker import Made, Make, maker
from pisang.cli.options import DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.cli.progress import progress
from pisang.core.content import Part
from pisang.core.errors import ModelNotFound, RequestError, UnsupportedParameter
from pisang.core.events import Finished, FinishReason, Usage
from pisang.core.money import Money
from pisang.core.request import ServiceTier

MAX_COUNT = 100

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was typed, already read: ``prompt`` is the text itself and never ``-``."""

    prompt: str
    model: str = asking.DEFAULT_MODEL
    ratio: str | None = None
    size: str | None = None
    attach: Sequence[str] = ()
    count: int = 1
    seed: int | None = None
    output: str | None = None
    as_json: bool = False
    open_after: bool = False
    thoughts: bool = False


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What the picture shows; - reads standard input.")],
    model: asking.Model = asking.DEFAULT_MODEL,
    ratio: asking.Ratio = None,
    size: asking.Size = None,
    attach: asking.Attach = None,
    count: Annotated[
        int,
        typer.Option(
            "--count", "-n", min=1, max=MAX_COUNT, help="How many, with seeds N, N+1, and so on."
        ),
    ] = 1,
    seed: asking.Seed = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR|-",
            help="Where to; the suffix chooses PNG, JPEG or WebP. - writes to standard output.",
        ),
    ] = None,
    as_json: JsonOption = False,
    open_after: Annotated[bool, typer.Option("--open", help="Show the picture.")] = False,
    thoughts: Annotated[
        bool, typer.Option("--thoughts", help="Tell the engine's plan as well.")
    ] = False,
    server: asking.Server = None,
    key: asking.Key = None,
    data: DataOption = None,
    quiet: asking.Quiet = False,
) -> None:
    """Make a picture from a prompt. Its path goes to standard output."""
    sources = attach or []
    options = Options(
        prompt=asking.read_prompt(prompt, attach=sources),
        model=model,
        ratio=ratio,
        size=size,
        attach=sources,
        count=count,
        seed=seed,
        output=output,
        as_json=as_json,
        open_after=open_after,
        thoughts=thoughts,
    )
    terminal = Terminal(quiet=quiet)

    async def work() -> Exit:
        async with maker(server, key, data=data, tell=terminal.note) as make:
            return await run(options, make, terminal)

    raise typer.Exit(asyncio.run(work()))


async def run(options: Options, make: Make, terminal: Terminal) -> Exit:
    """Makes what was asked, one request after the other; reports what is there if one fails."""
    to_pipe = options.output == "-"
    if to_pipe:
        _check_pipe(options, terminal)
    target = naming.target(None if to_pipe else options.output, options.prompt)
    if not to_pipe:
        naming.prepare(target.folder)
    blobs = await attach.read(options.attach)
    turn = asking.user_turn(options.prompt, tuple(Part(blob=blob) for blob in blobs))
    made: list[_Answer] = []
    try:
        for number in range(options.count):
            seed = _seed(options, number)
            request = asking.request(
                (turn,),
                model=options.model,
                ratio=options.ratio,
                size=options.size,
                seed=seed,
                mime_type=saving.asked_type(target, options.model),
                thoughts=options.thoughts,
            )
            async with progress(terminal, _doing(number, options.count)):
                answer = await make(request)
            saving.tell(answer.result, answer.notice, terminal, thoughts=options.thoughts)
            if to_pipe:
                return _pour(answer, terminal)
            files = await saving.save(answer.result, target, terminal)
            made.append(_Answer(seed, answer, files))
            if not options.as_json:
                for file in files:
                    terminal.result(file.path)
    finally:
        if options.as_json and made:
            terminal.json(report(options, made))
    return _finish(options, made, terminal)


@dataclass(frozen=True, slots=True)
class _Answer:
    seed: int | None
    made: Made
    files: list[saving.Saved]


def _seed(options: Options, number: int) -> int | None:
    """Seeds count up. Without ``--seed`` the first picture is the one that a single request
    gives, and the others have seeds 2, 3, and so on, so that they differ from it."""
    if options.seed is not None:
        return options.seed + number
    return number + 1 if number else None


def _doing(number: int, count: int) -> str:
    return f"Drawing {number + 1} of {count}" if count > 1 else "Drawing"


def _check_pipe(options: Options, terminal: Terminal) -> None:
    if options.as_json or options.count > 1 or options.open_after:
        message = "-o - writes one picture and nothing else: leave --json, --open and -n out"
        raise RequestError(message, field="output")
    if terminal.out.isatty():
        raise RequestError("A picture is not for a terminal: send it into a pipe or a file")


def _pour(answer: Made, terminal: Terminal) -> Exit:
    pictures = saving.blobs(answer.result)
    if not pictures:
        terminal.warn(saving.why_none(answer.result.finished))
        return Exit.NO_IMAGE
    terminal.out.flush()
    terminal.out.buffer.write(pictures[0].data)
    terminal.out.buffer.flush()
    return Exit.OK


def _finish(options: Options, made: list[_Answer], terminal: Terminal) -> Exit:
    files = [file for answer in made for file in answer.files]
    if options.open_after:
        for file in files:
            if typer.launch(file.path) != 0:
                terminal.warn(f"No program was found that opens {file.path}")
    for answer in made:
        if not answer.files:
            terminal.warn(saving.why_none(answer.made.result.finished))
    return Exit.OK if all(answer.files for answer in made) else Exit.NO_IMAGE


def report(options: Options, made: Sequence[_Answer]) -> dict[str, Any]:
    """The one object of ``--json``; what is different for each picture stands in ``files``."""
    last = made[-1].made.result
    ended = _worst(made)
    usages = [answer.made.result.finished.usage for answer in made]
    return {
        "files": [
            {
                "path": file.path,
                "mime_type": file.mime_type,
                "width": file.width,
                "height": file.height,
                "seed": answer.seed,
            }
            for answer in made
            for file in answer.files
        ],
        "model": options.model,
        "model_version": last.model_version,
        "seed": options.seed,
        "finish_reason": ended.reason.value,
        "finish_message": ended.message,
        "text": saving.text_of(last),
        "usage": saving.usage_json(usages),
        "cost": cost_json(options.model, usages),
    }


def cost_json(model: str, usages: Sequence[Usage | None]) -> dict[str, Any] | None:
    """What this would cost at Google's list prices for the model that was asked for; a server may
    charge otherwise, and the embedded engine charges nothing. None where no price is known."""
    try:
        card = catalog().resolve(model, strict=False).card
        today = datetime.now(UTC).date()
        prices = [price(usage, card, ServiceTier.STANDARD, on=today) for usage in usages if usage]
    except (ModelNotFound, UnsupportedParameter):
        return None
    total = sum(prices, Money())
    return {"list_price": f"{total.dollars:f}", "currency": "USD", "model": card.id}


def _worst(made: Sequence[_Answer]) -> Finished:
    ends = [answer.made.result.finished for answer in made]
    return next((end for end in ends if end.reason != FinishReason.STOP), ends[0])
