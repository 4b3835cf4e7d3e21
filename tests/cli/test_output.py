import io
import json

import pytest

from pisang.cli.output import Terminal, coloured, plain
from pisang.cli.progress import progress


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_results_go_to_standard_output_and_the_rest_to_standard_error() -> None:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out, err)

    terminal.result("cat.png")
    terminal.note("Drew a cat.")

    assert out.getvalue() == "cat.png\n"
    assert err.getvalue() == "Drew a cat.\n"


def test_quiet_silences_notes_but_not_warnings() -> None:
    err = io.StringIO()
    terminal = Terminal(io.StringIO(), err, quiet=True)

    terminal.note("Drew a cat.")
    terminal.warn("No viewer was found.")

    assert err.getvalue() == "pisang: No viewer was found.\n"


def test_text_of_others_cannot_steer_the_terminal() -> None:
    assert plain("\x1b[2Jgone\r\a\u202e") == "\ufffd[2Jgone\ufffd\ufffd\ufffd"
    assert plain("two\nlines\tनमस्ते 👩\u200d🎨 [bold]x[/bold]") == (
        "two\nlines\tनमस्ते 👩\u200d🎨 [bold]x[/bold]"
    )


def test_a_stream_that_lacks_a_letter_gets_an_escape() -> None:
    raw = io.BytesIO()
    terminal = Terminal(io.TextIOWrapper(raw, encoding="ascii"), io.StringIO())

    terminal.result("fuchs-über-夕.png")
    terminal.json({"text": "夕"})

    lines = raw.getvalue().decode("ascii").split("\n", 1)
    assert lines[0] == r"fuchs-\xfcber-\u5915.png"
    assert json.loads(lines[1]) == {"text": "夕"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], expected: bool) -> None:
    assert coloured(Screen(), environ) is expected
    assert coloured(io.StringIO(), environ) is False


def test_tables_align_wide_letters() -> None:
    out = io.StringIO()
    Terminal(out, io.StringIO()).table(("name", "n"), [("夕暮れ", "1"), ("fox", "22")])

    assert out.getvalue().splitlines() == ["name    n", "夕暮れ  1", "fox     22"]


async def test_progress_is_shown_and_erased_on_a_terminal_only() -> None:
    import asyncio

    screen, pipe = Screen(), io.StringIO()
    for err in (screen, pipe):
        async with progress(Terminal(io.StringIO(), err), "Drawing"):
            await asyncio.sleep(0.01)

    assert "Drawing 0.0 s" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")
    assert pipe.getvalue() == ""
