import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from pisang.cli import chat, transcript
from pisang.cli.chat import Talk, converse
from pisang.cli.exits import Exit
from pisang.cli.maker import Made
from pisang.cli.output import Terminal
from pisang.cli.transcript import Transcript
from pisang.core.content import Blob, Role
from pisang.core.errors import RequestError, UnsupportedParameter
from pisang.core.events import Finished, FinishReason, Image, Result, Text
from pisang.core.request import GenerateRequest, ImageConfig

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000005600000030008060000001f15c489")
START = Transcript(model="gemini-3-pro-image", stem="", image=ImageConfig(aspect_ratio="16:9"))


class Engine:
    """Draws a numbered picture for every request; a question gets none, an empty model breaks."""

    def __init__(self) -> None:
        self.requests: list[GenerateRequest] = []

    async def __call__(self, request: GenerateRequest) -> Made:
        self.requests.append(request)
        last = request.contents[-1].text
        if last == "fail":
            raise UnsupportedParameter("That cannot be drawn.")
        if last.endswith("?"):
            finished = Finished(FinishReason.NO_IMAGE, "A question is no picture.")
            return Made(Result("v", (), finished))
        number = len(self.requests)
        image = Image(Blob("image/png", PNG + bytes([number])), b"sig%d" % number)
        return Made(Result("v", (Text(f"Drew {last}."), image), Finished(FinishReason.STOP)))


class Session:
    """A chat over a pipe: what goes in, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.engine = Engine()
        self.terminal = Terminal(io.StringIO(), io.StringIO())
        self.folder = folder
        self.talk = Talk(self.terminal, START, keep=lambda now: transcript.keep(now, folder))

    def hear(self, text: str, *, interactive: bool = False) -> Exit:
        stdin = io.StringIO(text)
        stdin.isatty = lambda: interactive  # type: ignore[method-assign]
        with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
            patch.setattr("sys.stdin", stdin)
            return converse(self.talk, self.engine, runner)

    @property
    def out(self) -> list[str]:
        return self.terminal.out.getvalue().split()  # type: ignore[attr-defined, no-any-return]

    @property
    def err(self) -> str:
        return self.terminal.err.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.chdir(tmp_path)
    return Session(tmp_path / "data")


def test_each_line_of_a_pipe_is_a_turn_that_sends_all_before_it(session: Session) -> None:
    code = session.hear("a red fox\n\nmake it night\n")

    assert code == Exit.OK
    assert session.out == ["a-red-fox.png", "a-red-fox-2.png"]
    first, second = session.engine.requests
    assert [content.role for content in second.contents] == [Role.USER, Role.MODEL, Role.USER]
    assert second.contents[0] == first.contents[0]
    text, picture = second.contents[1].parts
    assert text.text == "Drew a red fox."
    assert picture.thought_signature == b"sig1"
    assert second.image.aspect_ratio == "16:9"


def test_the_chat_is_kept_after_every_turn_and_goes_on(session: Session) -> None:
    session.hear("a red fox\n")
    later = Session(session.folder)
    later.talk.past = transcript.last(session.folder)

    later.hear("make it night\n")

    assert later.out == ["a-red-fox-2.png"]
    assert len(later.engine.requests[0].contents) == 3


def test_a_chat_that_cannot_be_kept_is_a_warning_and_the_pictures_count(session: Session) -> None:
    session.folder.write_text("a file where the data folder should be")
    assert session.hear("a red fox\nmake it night\n") is Exit.OK
    assert session.out == ["a-red-fox.png", "a-red-fox-2.png"]
    assert len(session.engine.requests[1].contents) == 3
    assert "cannot be kept" in session.err
    assert "-c will not find it" in session.err


def test_undo_takes_a_turn_back(session: Session) -> None:
    session.hear("fox\nmake it night\n/undo\nmake it day\n")

    spoken = [content.text for content in session.engine.requests[-1].contents]
    assert spoken == ["fox", "Drew fox.", "make it day"]
    assert len(transcript.last(session.folder).contents) == 4


def test_save_writes_the_last_picture_again(session: Session, tmp_path: Path) -> None:
    session.hear("fox\n/save final/best.png\n/save\n")

    assert (tmp_path / "final/best.png").read_bytes() == PNG + b"\x01"
    assert session.out == ["fox.png", str(Path("final/best.png")), "fox-2.png"]


def test_a_picture_can_be_given_to_the_next_turn_only(session: Session, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)

    session.hear("/attach cat.png\nput it on a sofa\nmake it night\n")

    first, second = session.engine.requests
    assert [part.blob for part in first.contents[0].parts] == [Blob("image/png", PNG), None]
    assert len(second.contents[-1].parts) == 1


def test_a_turn_without_a_picture_is_not_kept(session: Session) -> None:
    code = session.hear("fox\nwho are you?\nmake it night\n")

    assert code == Exit.NO_IMAGE
    assert "A question is no picture." in session.err
    assert [content.text for content in session.engine.requests[-1].contents] == [
        "fox",
        "Drew fox.",
        "make it night",
    ]


def test_quit_ends_it(session: Session) -> None:
    session.hear("fox\n/quit\nnever\n")

    assert len(session.engine.requests) == 1


@pytest.mark.parametrize(
    "line", ["fail", "/undo", "/save", "/nonsense", "/attach none.png", "/attach -"]
)
def test_an_error_ends_a_pipe_but_not_a_conversation(session: Session, line: str) -> None:
    with pytest.raises(RequestError):
        session.hear(f"{line}\nfox\n")
    assert session.out == []

    assert session.hear(f"{line}\nfox\n", interactive=True) == Exit.OK
    assert session.out == ["fox.png"]


def test_help_names_every_command(session: Session) -> None:
    session.hear("/help\n")

    assert all(word in session.err for word in ("/attach", "/undo", "/save", "/quit"))


def test_ctrl_c_while_drawing_ends_the_turn_and_not_the_conversation(session: Session) -> None:
    engine, interrupted = session.engine, False

    async def make(request: GenerateRequest) -> Made:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            raise KeyboardInterrupt
        return await engine(request)

    session.engine = make  # type: ignore[assignment]

    session.hear("fox\nfox\n", interactive=True)

    assert "Interrupted" in session.err
    assert session.out == ["fox.png"]


def test_lines_that_are_no_text_are_refused(session: Session) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), "utf-8")
    read: Callable[[], object] = lambda: list(chat.lines(False, session.terminal))  # noqa: E731

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", stdin)
        with pytest.raises(RequestError, match="UTF-8"):
            read()
