"""From the words of a command line to a request: what generate, chat, code and estimate share."""

import sys
from typing import Annotated, BinaryIO

import typer

from pisang.core.content import Content, Part, Role
from pisang.core.errors import RequestError
from pisang.core.request import GenerateRequest, ImageConfig, Sampling, Thinking

DEFAULT_MODEL = "gemini-3.1-flash-image"
"""Takes every size, every ratio and a seed, so that each option below works without ``-m``."""

Model = Annotated[
    str, typer.Option("--model", "-m", metavar="MODEL", help="The model's id; see: pisang models")
]
Ratio = Annotated[
    str | None,
    typer.Option("--ratio", "-r", metavar="W:H", help="Aspect ratio, as 16:9; default 1:1."),
]
Size = Annotated[
    str | None,
    typer.Option("--size", "-s", metavar="SIZE", help="512, 1K, 2K or 4K; default 1K."),
]
Attach = Annotated[
    list[str] | None,
    typer.Option(
        "--attach",
        "-a",
        metavar="FILE|URL|-",
        help="A picture to work with; - reads it from standard input. Repeatable.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(metavar="N", help="Same seed and same prompt, same picture."),
]
Server = Annotated[
    str | None,
    typer.Option(
        envvar="PISANG_SERVER",
        metavar="URL",
        help="Ask this server; without it the picture is made right here.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(envvar="PISANG_KEY", metavar="KEY", help="The API key for --server."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the result.")]


def read_prompt(prompt: str, *, attach: list[str], stdin: BinaryIO | None = None) -> str:
    """The prompt itself, or standard input for ``-``. Raises ``RequestError`` for an empty one."""
    if prompt == "-":
        if "-" in attach:
            raise RequestError(
                "Standard input cannot be both the prompt and a picture: write one of them out",
                field="attach",
            )
        data = (stdin or sys.stdin.buffer).read()
        try:
            prompt = data.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise RequestError("The prompt on standard input is not UTF-8 text") from error
    if not prompt.strip():
        raise RequestError("The prompt is empty: say what the picture shows", field="prompt")
    try:  # in the C locale Python hands on the bytes of an argument as lone surrogates
        return prompt.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError as error:
        raise RequestError("The prompt is not UTF-8 text", field="prompt") from error


def user_turn(prompt: str, pictures: tuple[Part, ...]) -> Content:
    """One turn as the SDKs send it: pictures first, then what is to be done with them."""
    return Content(Role.USER, (*pictures, Part(text=prompt)))


def request(
    contents: tuple[Content, ...],
    *,
    model: str,
    ratio: str | None = None,
    size: str | None = None,
    seed: int | None = None,
    mime_type: str | None = None,
    thoughts: bool = False,
) -> GenerateRequest:
    """The request for these turns, with nothing set that was not asked for."""
    return GenerateRequest(
        model=model.removeprefix("models/"),
        contents=contents,
        image=ImageConfig(aspect_ratio=ratio, image_size=size, mime_type=mime_type),
        sampling=Sampling(seed=seed),
        thinking=Thinking(include_thoughts=thoughts),
    )
