import ast
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pisang.cli import code
from pisang.core.errors import RequestError

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
runner = CliRunner()


def test_the_snippet_holds_what_was_typed() -> None:
    words = ["-r", "16:9", "-s", "2K", "--seed", "3", "--client", "python", "--key-env", "K"]
    text = runner.invoke(code.app, ["Say \"hi\" to 'me'", *words]).stdout

    ast.parse(text)
    assert 'image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K")' in text
    assert "seed=3" in text
    assert 'os.environ["K"]' in text


def test_the_prompt_may_come_from_standard_input() -> None:
    text = runner.invoke(code.app, ["-", "--client", "cli"], input="a fox\n").stdout

    assert text == (
        "pisang generate -m gemini-3.1-flash-image -o a-fox.png"
        " --server http://127.0.0.1:8787 --key \"$PISANG_KEY\" -- 'a fox'\n"
    )


def test_the_file_is_named_as_the_model_sends_it() -> None:
    text = runner.invoke(code.app, ["a fox", "-m", "nano-banana-2.1"]).stdout

    assert "> a-fox.jpg" in text


def test_the_type_of_a_picture_is_read_from_its_bytes_or_its_name(tmp_path: Path) -> None:
    lying = tmp_path / "x.jpg"
    lying.write_bytes(PNG)

    assert code.reference(str(lying)).file.mime_type == "image/png"  # type: ignore[union-attr]
    assert code.reference("not-there.JPG").file.mime_type == "image/jpeg"  # type: ignore[union-attr]
    address = code.reference("https://e.org/a.webp?x=1.png")
    assert address.file.mime_type == "image/webp"  # type: ignore[union-attr]


@pytest.mark.parametrize("source", ["-", "picture"])
def test_a_picture_that_a_program_cannot_read_is_refused(source: str) -> None:
    with pytest.raises(RequestError):
        code.reference(source)
