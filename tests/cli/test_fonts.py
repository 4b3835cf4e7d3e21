import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pisang.cli import fonts
from pisang.core.errors import RequestError
from pisang.engines.sketch.fonts import FACES

runner = CliRunner()
ANTON = next(face.file for face in FACES.values() if face.family == "Anton")


def test_a_font_is_copied_into_the_data_folder_and_listed(tmp_path: Path) -> None:
    added = runner.invoke(fonts.app, ["add", str(ANTON), "--data", str(tmp_path)])
    listed = runner.invoke(fonts.app, ["list", "--data", str(tmp_path), "--json"])

    copy = tmp_path / "fonts" / ANTON.name
    assert added.stdout == f"{copy}\n"
    assert copy.read_bytes() == ANTON.read_bytes()
    rows = json.loads(listed.stdout)
    assert [row["file"] for row in rows if row["family"] == "Anton"] == [None, str(copy)]
    assert sum(row["file"] is None for row in rows) == len(FACES)


@pytest.mark.parametrize("name", ["none.ttf", "empty"])
def test_where_no_font_is_nothing_is_added(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    result = runner.invoke(fonts.app, ["add", str(tmp_path / name), "--data", str(tmp_path)])

    assert isinstance(result.exception, RequestError)
    assert not (tmp_path / "fonts").exists()


def test_a_broken_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(b"no font")

    result = runner.invoke(fonts.app, ["add", str(tmp_path / "x.ttf"), "--data", str(tmp_path)])

    assert isinstance(result.exception, RequestError)
    assert "Nothing was added" in result.exception.message
