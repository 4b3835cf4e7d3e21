"""``pisang faults``: the list, one fault, and what is typed wrong."""

import json

import pytest

from pisang.cli.main import run
from pisang.faults.catalogue import FAULTS, TITLES


def pisang(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        run(["faults", *words])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_every_fault_is_listed_under_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = pisang(capsys)
    lines = [line.strip() for line in out.splitlines()]

    assert code == 0
    assert [line for line in lines if line in TITLES.values()] == list(TITLES.values())
    for name in FAULTS:
        assert any(line.startswith((f"{name} ", f"{name}[=N]")) for line in lines), name
    assert "pisang keys update ID --allow faults" in out
    assert "`" not in out


def test_programs_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(pisang(capsys, "--json")[1])
    by_name = {row["name"]: row for row in rows}

    assert list(by_name) == list(FAULTS)
    assert by_name["rpm"]["status"] == 429
    assert by_name["rpm"]["google_status"] == "RESOURCE_EXHAUSTED"
    assert by_name["several-images"]["argument"] == {"unit": "pictures", "default": 3}
    assert "status" not in by_name["no-image"]
    assert json.loads(pisang(capsys, "show", "rpm", "--json")[1]) == by_name["rpm"]


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_explained(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = pisang(capsys, "show", name)

    assert code == 0
    assert out.startswith(f"{name}: ")
    assert ("=NUMBER: " in out) == (FAULTS[name].argument is not None)


def test_an_error_is_shown_as_it_will_come(capsys: pytest.CaptureFixture[str]) -> None:
    out = pisang(capsys, "show", "prepay-depleted")[1]

    body = json.loads(out[out.index("{") :])
    assert body["error"]["code"] == 429
    assert "details" not in body["error"]
    assert "Error 502" in pisang(capsys, "show", "bad-gateway")[1]


def test_a_mistyped_name_is_answered_with_the_near_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = pisang(capsys, "show", "overlod")

    assert (code, out) == (2, "")
    assert "Did you mean overloaded?" in err
