"""``pisang projects`` on a data folder without a server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from pisang.accounts import keys, projects
from pisang.cli.main import run
from pisang.core.caller import Caller
from pisang.store.open import opened


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def pisang(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        run(["projects", *arguments])
    seen = capsys.readouterr()
    return int(end.value.code or 0), seen.out, seen.err


def listed(capsys: pytest.CaptureFixture[str], data: str) -> dict[str, Any]:
    found = json.loads(pisang(capsys, "list", "--data", data, "--json")[1])
    return {project["name"]: project for project in found}


def test_a_project_is_made_listed_and_bound_to_places(
    capsys: pytest.CaptureFixture[str], data: str
) -> None:
    code, out, _ = pisang(
        capsys,
        *("create", "shop", "--data", data, "--json"),
        *("--location", "Europe-West4", "--location", "eu-*"),
    )
    made = json.loads(out)
    assert (code, made["name"], made["locations"]) == (0, "shop", ["europe-west4", "eu-*"])
    assert len(made["number"]) == 12
    assert list(listed(capsys, data)) == ["default", "shop"]
    table = pisang(capsys, "list", "--data", data)[1]
    assert "europe-west4,eu-*" in table
    assert "anywhere" in table
    update = ("update", made["number"], "--data", data)
    code, out, _ = pisang(capsys, *update, "--location", "us-*")
    assert (code, out) == (0, "Requests of shop may go to: us-*.\n")
    assert pisang(capsys, *update, "--anywhere")[1] == "Requests of shop may go to: anywhere.\n"
    assert listed(capsys, data)["shop"]["locations"] == []


def test_the_next_request_of_a_key_goes_where_its_project_may(
    capsys: pytest.CaptureFixture[str], data: str
) -> None:
    async def caller() -> Caller | None:
        async with opened(Path(data)) as (_, database), database.write() as connection:
            shop = await projects.find(connection, "shop")
            made = await keys.create(connection, shop, name="k")
            valid = await keys.verify(connection, made.key)
            return valid.caller if valid else None

    pisang(capsys, "create", "shop", "--data", data, "--location", "europe-*")
    found = asyncio.run(caller())
    assert found
    assert found.locations == ("europe-*",)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("create", "default"), 2, "There is a project 'default' already."),
        (("create", " x"), 2, "no space at its ends"),
        (("create", "x", "--location", "eu west"), 2, "'eu west' is no place"),
        (("create", "x", "--location", "a,b"), 2, "'a,b' is no place"),
        (("update", "defualt", "--anywhere"), 2, "Did you mean 'default'?"),
        (("update", "default"), 2, "Say what to change"),
        (("update", "default", "--fault", "overlod"), 2, "Did you mean overloaded?"),
        (("update", "default", "--fault", "none"), 2, "--no-fault ends the one there is"),
        (("create", "x", "--fault", "rpm,rpd"), 2, "cannot be both rpm and rpd"),
        (("create", "x", "--fault", "rpm=1," + "slow-body=100.5," * 4 + "slow-body"), 2, "63"),
        (("update", "default", "--location", "eu", "--anywhere"), 2, "not both"),
    ],
)
def test_a_mistake_is_told(
    capsys: pytest.CaptureFixture[str], data: str, words: tuple[str, ...], code: int, told: str
) -> None:
    pisang(capsys, "create", "first", "--data", data)
    found, out, err = pisang(capsys, *words, "--data", data)
    assert (found, out) == (code, "")
    assert told in err


def test_a_mistyped_folder_is_not_an_empty_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = pisang(capsys, "list", "--data", str(tmp_path / "typo"))
    assert code != 0
    assert "There is no data folder" in err


def test_how_a_project_pays_and_how_much_it_may(
    capsys: pytest.CaptureFixture[str], data: str
) -> None:
    terms = ("--prepaid", "--tier", "2", "--markup", "0.25")
    made = json.loads(pisang(capsys, "create", "shop", "--data", data, "--json", *terms)[1])
    assert (made["billing"], made["tier"], made["markup"]) == ("prepaid", "2", "0.25")
    update = ("update", "shop", "--data", data)
    assert "has no tier" in pisang(capsys, *update, "--tier", "none", "--postpaid")[1]
    changed = listed(capsys, data)["shop"]
    assert (changed["billing"], changed["tier"], changed["markup"]) == ("postpaid", None, "0.25")
    said = pisang(capsys, *update, "--audit-content", "--block-dormant")[1]
    assert "prompts in the audit log: yes; dormant keys are blocked: yes" in said
    for words, why in ((("--tier", "4"), "is no tier"), (("--markup", "much"), "is no markup")):
        code, out, err = pisang(capsys, *update, *words)
        assert (code, out, why in err) == (2, "", True)


def test_a_project_is_suspended_resumed_and_deleted(
    capsys: pytest.CaptureFixture[str], data: str
) -> None:
    pisang(capsys, "create", "shop", "--data", data)
    assert "refused" in pisang(capsys, "suspend", "shop", "--data", data)[1]
    assert listed(capsys, data)["shop"]["suspended_at"]
    assert "suspended" in pisang(capsys, "list", "--data", data)[1]
    assert pisang(capsys, "resume", "shop", "--data", data)[1] == "shop is served again.\n"
    assert pisang(capsys, "delete", "shop", "--data", data)[1] == "shop is deleted.\n"
    assert list(listed(capsys, data)) == ["default"]
    assert pisang(capsys, "delete", "default", "--data", data)[0] == 2
