import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pisang.cli import generate
from pisang.cli.exits import Exit
from pisang.cli.generate import Options
from pisang.cli.maker import Made
from pisang.cli.output import Terminal
from pisang.core.content import Blob
from pisang.core.errors import EngineFailed, RequestError
from pisang.core.events import Finished, FinishReason, Image, Result, Text, Thought, Usage
from pisang.core.request import GenerateRequest

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000005600000030008060000001f15c489")
JPEG = bytes.fromhex("ffd8ffc0001108000400060301220002110103110100") + b"\xff\xd9"


def a_result(data: bytes | None = PNG, mime_type: str = "image/png") -> Result:
    image = [Image(Blob(mime_type, data), b"sig")] if data else []
    finished = Finished(
        FinishReason.STOP if data else FinishReason.NO_IMAGE,
        None if data else "The prompt asks for no picture.",
        Usage(prompt_text=2, image_output=1120 if data else 0, images=len(image)),
    )
    return Result("pisang-sketch-1", (Thought("Plan."), Text("A fox\x1b[2J."), *image), finished)


class Engine:
    """Gives its answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Result | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[GenerateRequest] = []

    async def __call__(self, request: GenerateRequest) -> Made:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Made(answer, notice="Served by another model.")


@pytest.fixture
def terminal() -> Terminal:
    return Terminal(io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def printed(terminal: Terminal) -> str:
    raw: io.BytesIO = terminal.out.buffer  # type: ignore[assignment]
    return raw.getvalue().decode("utf-8")


def said(terminal: Terminal) -> str:
    err: io.StringIO = terminal.err  # type: ignore[assignment]
    return err.getvalue()


async def test_the_picture_is_named_after_the_prompt_and_its_path_printed(
    here: Path, terminal: Terminal
) -> None:
    code = await generate.run(Options(prompt="A red fox!"), Engine(a_result()), terminal)

    assert code == Exit.OK
    assert printed(terminal) == "a-red-fox.png\n"
    assert (here / "a-red-fox.png").read_bytes() == PNG
    assert said(terminal) == "Served by another model.\nA fox\ufffd[2J.\n"


async def test_the_options_reach_the_request(here: Path, terminal: Terminal) -> None:
    (here / "a.png").write_bytes(PNG)
    engine = Engine(a_result())
    options = Options(
        prompt="a fox",
        model="models/gemini-3-pro-image",
        ratio="16:9",
        size="2K",
        seed=9,
        attach=["a.png", "a.png"],
        thoughts=True,
    )

    await generate.run(options, engine, terminal)

    (request,) = engine.requests
    assert (request.model, request.sampling.seed) == ("gemini-3-pro-image", 9)
    assert (request.image.aspect_ratio, request.image.image_size) == ("16:9", "2K")
    assert request.image.mime_type is None
    picture, second, text = request.contents[0].parts
    assert picture.blob == second.blob == Blob("image/png", PNG)  # without the file's name
    assert text.text == "a fox"
    assert "Plan." in said(terminal)


@pytest.mark.parametrize(
    ("seed", "expected"), [(7, [7, 8, 9]), (0, [0, 1, 2]), (None, [None, 2, 3])]
)
@pytest.mark.usefixtures("here")
async def test_several_pictures_have_seeds_that_count_up(
    terminal: Terminal, seed: int | None, expected: list[int | None]
) -> None:
    engine = Engine(a_result())

    await generate.run(Options(prompt="fox", count=3, seed=seed), engine, terminal)

    assert [request.sampling.seed for request in engine.requests] == expected
    assert printed(terminal).split() == ["fox.png", "fox-2.png", "fox-3.png"]


@pytest.mark.usefixtures("here")
async def test_json_is_one_object_with_files_usage_and_list_price(terminal: Terminal) -> None:
    options = Options(prompt="fox", count=2, seed=4, as_json=True, model="nano-banana-pro")

    await generate.run(options, Engine(a_result()), terminal)

    report = json.loads(printed(terminal))
    assert report["files"] == [
        {"path": name, "mime_type": "image/png", "width": 1376, "height": 768, "seed": seed}
        for name, seed in (("fox.png", 4), ("fox-2.png", 5))
    ]
    assert report["model"] == "nano-banana-pro"
    assert report["model_version"] == "pisang-sketch-1"
    assert report["finish_reason"] == "STOP"
    assert report["usage"]["totalTokenCount"] == 2 * 1122
    # 2 tokens at $2 and 1120 at $120 per million, twice
    assert report["cost"]["list_price"] == "0.268808"
    assert report["cost"]["model"] == "gemini-3-pro-image"


async def test_no_image_is_told_and_has_its_own_exit_code(here: Path, terminal: Terminal) -> None:
    code = await generate.run(Options(prompt="What is 2+2?"), Engine(a_result(None)), terminal)

    assert code == Exit.NO_IMAGE
    assert printed(terminal) == ""
    assert "pisang: The prompt asks for no picture." in said(terminal)
    assert files_in(here) == []


@pytest.mark.usefixtures("here")
async def test_json_says_why_there_is_no_image(terminal: Terminal) -> None:
    options = Options(prompt="What is 2+2?", as_json=True)

    code = await generate.run(options, Engine(a_result(None)), terminal)

    report = json.loads(printed(terminal))
    assert code == Exit.NO_IMAGE
    assert (report["files"], report["finish_reason"]) == ([], "NO_IMAGE")
    assert report["finish_message"] == "The prompt asks for no picture."


@pytest.mark.usefixtures("here")
async def test_what_was_made_before_a_failure_is_reported(terminal: Terminal) -> None:
    engine = Engine(a_result(), EngineFailed("broke"))

    with pytest.raises(EngineFailed):
        await generate.run(Options(prompt="fox", count=2, as_json=True), engine, terminal)

    assert [file["path"] for file in json.loads(printed(terminal))["files"]] == ["fox.png"]


@pytest.mark.usefixtures("here")
async def test_the_suffix_asks_for_a_format(terminal: Terminal) -> None:
    engine = Engine(a_result(JPEG, "image/jpeg"))

    await generate.run(Options(prompt="fox", output="x/y.jpg"), engine, terminal)

    assert engine.requests[0].image.mime_type == "image/jpeg"
    assert printed(terminal) == f"{Path('x/y.jpg')}\n"


@pytest.mark.usefixtures("here")
async def test_jpeg_bytes_never_go_into_a_png_file(terminal: Terminal) -> None:
    engine = Engine(a_result(JPEG, "image/png"))  # even when their label lies

    await generate.run(Options(prompt="fox", output="y.png"), engine, terminal)

    assert printed(terminal) == "y.jpg\n"
    assert "image/jpeg, so it is not written as .png" in said(terminal)


@pytest.mark.usefixtures("here")
async def test_a_wrong_output_is_found_before_the_engine_works(terminal: Terminal) -> None:
    engine = Engine(a_result())

    with pytest.raises(RequestError):
        await generate.run(Options(prompt="fox", output="y.gif"), engine, terminal)

    assert engine.requests == []


async def test_a_picture_can_go_into_a_pipe(here: Path, terminal: Terminal) -> None:
    code = await generate.run(Options(prompt="fox", output="-"), Engine(a_result()), terminal)

    raw: io.BytesIO = terminal.out.buffer  # type: ignore[assignment]
    assert code == Exit.OK
    assert raw.getvalue() == PNG
    assert files_in(here) == []


@pytest.mark.parametrize("more", [{"as_json": True}, {"count": 2}, {"open_after": True}])
async def test_a_pipe_takes_one_picture_and_nothing_else(
    terminal: Terminal, more: dict[str, bool]
) -> None:
    options = Options(prompt="fox", output="-", **more)  # type: ignore[arg-type]

    with pytest.raises(RequestError, match="-o -"):
        await generate.run(options, Engine(a_result()), terminal)


def attached(path: str) -> Callable[[Path], Iterable[str]]:
    return lambda folder: [str(folder / path)]


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        (attached("none.png"), "no such file"),
        (attached("text.png"), "no picture that can be read"),
        (attached("empty.png"), "is empty"),
        (attached(""), "is a directory"),
        (lambda _: ["-", "-"], "Only one picture"),
    ],
)
async def test_attachments_that_are_no_pictures_are_refused(
    here: Path, terminal: Terminal, sources: Callable[[Path], list[str]], why: str
) -> None:
    (here / "text.png").write_text("hello")
    (here / "empty.png").write_bytes(b"")

    options = Options(prompt="fox", attach=sources(here))

    with pytest.raises(RequestError, match=why):
        await generate.run(options, Engine(a_result()), terminal)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("outcome", "warned"), [(0, False), (1, True)])
async def test_open_shows_each_file_and_says_if_nothing_can(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, outcome: int, warned: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", lambda path: opened.append(path) or outcome)

    options = Options(prompt="fox", count=2, open_after=True)
    code = await generate.run(options, Engine(a_result()), terminal)

    assert opened == ["fox.png", "fox-2.png"]
    assert ("No program was found" in said(terminal)) is warned
    assert code == Exit.OK
