"""``script/docs`` writes pages from the code, and its ``--check`` finds one that was changed."""

from pathlib import Path

import pytest

from tools.docs import __main__ as generator
from tools.docs import decisions


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A documentation folder of its own, with one generated page and one with a piece."""
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    monkeypatch.setattr(generator, "DOCS", tmp_path)
    monkeypatch.setattr(generator, "PAGES", {"deep/whole.md": ("the sun", lambda: "# Whole")})
    monkeypatch.setattr(generator, "PIECES", {"sketch.md": {"sun": lambda: "| shines |"}})
    (tmp_path / "sketch.md").write_text("Before\n<!-- sun: begin -->\n<!-- sun: end -->\nAfter\n")
    return tmp_path


def test_pages_are_written_and_then_up_to_date(docs: Path) -> None:
    assert generator.main(["--check"]) == 1

    assert generator.main([]) == 0

    assert generator.main(["--check"]) == 0
    assert (docs / "deep" / "whole.md").read_text().endswith("\n\n# Whole\n")
    assert "change the sun" in (docs / "deep" / "whole.md").read_text()
    piece = "Before\n<!-- sun: begin -->\n| shines |\n<!-- sun: end -->\nAfter\n"
    assert (docs / "sketch.md").read_text() == piece


@pytest.mark.parametrize("name", ["deep/whole.md", "sketch.md"])
def test_a_page_changed_by_hand_is_found(
    docs: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    generator.main([])
    page = docs / name
    page.write_text(page.read_text().replace("hole", "hale").replace("shines", "rains"))

    assert generator.main(["--check"]) == 1
    assert f"{name} is out of date: run script/docs" in capsys.readouterr().err


def test_a_page_without_a_place_for_a_piece_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs <!-- sun: begin -->"):
        generator.filled("no place here", "sun", "shines")


def test_other_arguments_are_refused(docs: Path) -> None:
    assert generator.main(["--force"]) == 2
    assert not (docs / "deep").exists()


def test_decisions_are_listed_by_number_and_title(tmp_path: Path) -> None:
    folder = tmp_path / "decisions"
    folder.mkdir()
    (folder / "0002-second.md").write_text("# 2. The second\n\nMore.\n")
    (folder / "0001-first.md").write_text("# 1. The first\n")
    (folder / "README.md").write_text("# Decisions\n")

    lines = decisions.page(tmp_path).splitlines()

    assert lines[-2:] == ["- [1. The first](0001-first.md)", "- [2. The second](0002-second.md)"]
