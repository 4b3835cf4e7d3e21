"""``pisang keys`` on a data folder without a server."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.nouns import said as pisang


def test_create_list_revoke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(tmp_path / "data"))
    code, out, err = pisang(capsys, "keys", "create", *data, "--name", "my phone")
    assert code == 0
    assert re.fullmatch(r"psk_\w{40}\n", out)
    assert "not shown again" in err
    made = json.loads(pisang(capsys, "keys", "create", *data, "--json")[1])
    assert list(made) == ["id", "key"]
    _, table, _ = pisang(capsys, "keys", "list", *data)
    assert "my phone" in table
    assert made["id"] in table
    assert made["key"] not in table
    assert pisang(capsys, "keys", "revoke", made["key"], *data)[1] == f"{made['id']} is revoked.\n"
    listed = json.loads(pisang(capsys, "keys", "list", *data, "--json")[1])
    assert [bool(key["revoked_at"]) for key in listed] == [False, True]


def test_a_new_project_is_made_and_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    code, out, err = pisang(capsys, "keys", "create", "--project", "defualt", *data, "--json")
    assert (code, list(json.loads(out))) == (0, ["id", "key"])
    assert "Did you mean 'default'? Projects: default. Made the project 'defualt'." in err
    assert "Made" not in pisang(capsys, "keys", "create", "-p", "defualt", *data)[2]
    assert "defualt" in pisang(capsys, "keys", "list", "-p", "defualt", *data)[1]


def test_listing_an_unknown_project_says_which_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    pisang(capsys, "keys", "create", *data)
    code, out, err = pisang(capsys, "keys", "list", "--project", "shop", *data)
    assert (code, out) == (2, "")
    assert "Projects: default." in err


@pytest.mark.parametrize("words", [("list",), ("revoke", "key_1")])
def test_a_mistyped_folder_is_not_an_empty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    folder = tmp_path / "typo"
    code, out, err = pisang(capsys, "keys", *words, "--data", str(folder))
    assert code != 0
    assert out == ""
    assert "There is no data folder" in err
    assert not folder.exists()


def test_a_key_says_where_a_chat_has_its_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    create = ("keys", "create", *data, "--json")
    made = [
        json.loads(pisang(capsys, *create, *options)[1])
        for options in ((), ("--chat-images", "markdown"))
    ]
    listed = json.loads(pisang(capsys, "keys", "list", *data, "--json")[1])
    assert [key["chat_images"] for key in listed] == ["images", "markdown"]
    change = ("keys", "update", *data, "--chat-images")
    code, out, _ = pisang(capsys, *change, "data-url", made[0]["key"])
    assert (code, out) == (0, f"{made[0]['id']} gets the pictures of a chat as data-url.\n")
    assert pisang(capsys, *change, "images", made[1]["id"])[0] == 0
    listed = json.loads(pisang(capsys, "keys", "list", *data, "--json")[1])
    assert [key["chat_images"] for key in listed] == ["data-url", "images"]
    assert pisang(capsys, *change, "images", "key_unknown")[0] == 2
    assert pisang(capsys, *change, "elsewhere", made[0]["id"])[0] == 2
    assert "CHAT IMAGES" in pisang(capsys, "keys", "list", *data)[1]


def test_a_key_says_what_else_it_may_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(tmp_path / "data"))
    create = ("keys", "create", *data, "--json", "--allow", "faults", "--allow", "admin")
    made = json.loads(pisang(capsys, *create)[1])["id"]

    def listed() -> object:
        return json.loads(pisang(capsys, "keys", "list", *data, "--json")[1])[0]["allowed"]

    assert listed() == ["admin", "faults"]
    assert "admin,faults" in pisang(capsys, "keys", "list", *data)[1]
    code, out, _ = pisang(capsys, "keys", "update", made, *data, "--allow", "faults")
    assert (code, out) == (0, f"{made} may do this too: faults.\n")
    assert listed() == ["faults"]
    assert pisang(capsys, "keys", "update", made, *data, "--chat-images", "markdown")[0] == 0
    assert listed() == ["faults"]
    assert pisang(capsys, "keys", "update", made, *data, "--allow-nothing")[0] == 0
    assert listed() == []
    assert pisang(capsys, "keys", "update", made, *data)[0] == 2
    assert pisang(capsys, "keys", "update", made, *data, "--allow", "root")[0] == 2
    both = ("--allow", "admin", "--allow-nothing")
    assert pisang(capsys, "keys", "update", made, *data, *both)[0] == 2


def test_a_key_is_only_for_what_it_is_for_and_ends_when_it_should(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    only = ("--model", "gemini-3*", "--address", "10.0.0.0/8", "--surface", "openai")
    made = json.loads(
        pisang(capsys, "keys", "create", *data, "--json", "--expires", "12h", *only)[1]
    )

    def listed() -> dict[str, object]:
        found = json.loads(pisang(capsys, "keys", "list", *data, "--json")[1])
        return dict(next(each for each in found if each["id"] == made["id"]))

    assert listed()["restrictions"] == {
        "models": ["gemini-3*"],
        "surfaces": ["openai"],
        "addresses": ["10.0.0.0/8"],
    }
    assert listed()["expires_at"]
    update = ("keys", "update", made["key"], *data)
    assert "ends never" in pisang(capsys, *update, "--never-expires")[1]
    assert listed()["expires_at"] is None
    assert "is only for" in pisang(capsys, *update, "--model", "imagen-4*")[1]
    kept = listed()["restrictions"]
    assert isinstance(kept, dict)
    assert (kept["models"], kept["surfaces"]) == (["imagen-4*"], ["openai"])
    assert "is not restricted" in pisang(capsys, *update, "--unrestricted")[1]
    assert "is called phone" in pisang(capsys, *update, "--name", "phone")[1]
    for words, why in (
        (("--expires", "soon"), "must be a time"),
        (("--expires", "1d", "--never-expires"), "not both"),
        (("--model", "x", "--unrestricted"), "by itself"),
        (("--surface", "fax"), "'fax' is no surface"),
        (("--address", "10.0.0.0/99"), "is no network"),
        (("--model", "gemini-3-pro-imge"), "Did you mean 'gemini-3-pro-image'?"),
        (("--model", "gemini-8*"), "nor one that fits it"),
        (("--model", "gpt-image-1"), "means 'gemini-3.1-flash-image' here"),
        (("--engine", "sketsh"), "Did you mean 'sketch'?"),
    ):
        code, out, err = pisang(capsys, *update, *words)
        assert (code, out, why in err) == (2, "", True), err


def test_a_key_is_only_for_models_and_engines_that_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    create = ("keys", "create", *data, "--json")
    for words in (("--engine", "nosuch"), ("--model", "typo"), ("--engine", "no*")):
        code, out, err = pisang(capsys, *create, *words)
        assert (code, out) == (2, "")
        assert "There is no" in err
    (tmp_path / "pisang.toml").write_text(
        '[engines.gpu]\nkind = "openai"\nbase_url = "http://gpu.example/v1"\n'
        '[[routes]]\nmodel = "our-own"\nengines = ["gpu"]\n'
    )
    config = ("--config", str(tmp_path / "pisang.toml"))
    only = ("--engine", "gpu", "--model", "our-own", "--model", "nano-*", "--model", "*")
    made = json.loads(pisang(capsys, *create, *config, *only)[1])
    # what it was limited to may stay, though these settings have no such engine
    update = ("keys", "update", made["id"], *data, "--engine", "gpu", "--engine", "sketch")
    assert pisang(capsys, *update)[0] == 0
    assert pisang(capsys, *update, "--engine", "gpus")[0] == 2


@pytest.mark.parametrize("key", ["", "key_x/../y", "ключ", "key x"])
@pytest.mark.parametrize("verb", ["revoke", "rotate", "report-leaked"])
def test_what_cannot_be_a_key_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str, key: str
) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert pisang(capsys, "keys", "create", *data)[0] == 0
    code, _, err = pisang(capsys, "keys", verb, key, *data)
    assert (code, "There is no such key. `pisang keys list`" in err) == (2, True)


def test_a_key_that_is_nowhere_is_told_with_what_lists_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert pisang(capsys, "keys", "create", *data)[0] == 0
    code, _, err = pisang(capsys, "keys", "revoke", "key_x", *data)
    assert (code, "no 'key_x' among keys: `pisang keys list`" in err) == (2, True)


@pytest.mark.parametrize(
    ("budget", "rpm", "said"),
    [
        ("five", "3", 'budget_usd must be an amount of dollars as a text, as "5.00"'),
        ("-5", "3", "budget_usd must not be negative"),
        ("5", "many", "rpm must be a whole number"),
        ("5/year", "3", "There is no period 'year'"),
    ],
)
def test_a_key_that_cannot_be_capped_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], budget: str, rpm: str, said: str
) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert pisang(capsys, "keys", "create", *data)[0] == 0
    wanted = ("--project", "shop", "--budget", budget, "--rpm", rpm)
    code, _, err = pisang(capsys, "keys", "create", *data, *wanted)
    assert (code, said in err) == (2, True)
    assert len(json.loads(pisang(capsys, "keys", "list", *data, "--json")[1])) == 1
    assert len(json.loads(pisang(capsys, "projects", "list", *data, "--json")[1])) == 1


def test_a_key_is_capped_when_it_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    create = ("keys", "create", *data, "--json", "--budget", "3/day", "--rpm", "7")
    made = json.loads(pisang(capsys, *create)[1])
    (budget,) = json.loads(pisang(capsys, "budgets", "list", *data, "--json")[1])
    assert (budget["key_id"], budget["amount_usd"], budget["period"]) == (made["id"], "3.00", "day")
    asked = ("limits", "list", *data, "--project", "default", "--key", made["id"], "--json")
    values = [(each["dimension"], each["value"]) for each in json.loads(pisang(capsys, *asked)[1])]
    assert ("rpm", 7) in values
    logged = pisang(capsys, "audit", "list", *data)[1]
    assert all(each in logged for each in ("keys.create", "budgets.update", "limits.update"))


def test_a_key_is_rotated_and_one_that_leaked_is_blocked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"))
    old = json.loads(pisang(capsys, "keys", "create", *data, "--json", "--budget", "3/day")[1])
    rotate = ("keys", "rotate", *data, "--overlap", "2h")
    new = json.loads(pisang(capsys, *rotate, old["key"], "--json")[1])
    assert new["key"] != old["key"]
    assert new["replaced"]["id"] == old["id"]
    (budget,) = json.loads(pisang(capsys, "budgets", "list", *data, "--json")[1])
    assert budget["key_id"] == new["id"]  # nobody gets a new budget by rotating
    code, _, err = pisang(capsys, *rotate, old["id"])
    assert (code, "rotated already" in err) == (2, True)
    assert pisang(capsys, "keys", "report-leaked", new["id"], *data)[1] == (
        f"{new['id']} is blocked as leaked.\n"
    )
    states = {
        each["id"]: each["state"]
        for each in json.loads(pisang(capsys, "keys", "list", *data, "--json")[1])
    }
    assert states == {old["id"]: "active", new["id"]: "leaked"}
    code, _, err = pisang(capsys, "keys", "revoke", old["id"], *data, "--project", "nowhere")
    assert (code, "no project 'nowhere'" in err) == (2, True)
