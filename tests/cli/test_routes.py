"""``pisang routes``, on a settings file and a data folder, and at a server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from pisang import journal
from pisang.accounts import keys, projects
from pisang.cli.main import run
from pisang.core.caller import Allowance
from pisang.store.folder import Folder, serving_at
from pisang.testing import server
from tests.cli.test_maker import listening

PRO = "gemini-3-pro-image"
FILE = """
[engines.studio]
kind = "google"
api_keys = ["AIza-very-secret"]
base_url = "http://127.0.0.1:1"

[engines.cloud]
kind = "vertex"
api_keys = ["env:NOT_SET"]
location = "europe-west4"

[[routes]]
model = "gemini-2.5-*"
engines = ["studio"]

[[routes]]
model = "gemini-3-pro-image"
engines = ["cloud"]
size = "4K"
price = { image = 0.3 }

[[routes]]
model = "*"
engines = [{ engine = "studio", weight = 9 }, { engine = "sketch", weight = 1 }]
"""


@pytest.fixture
def at(tmp_path: Path) -> tuple[str, ...]:
    file = tmp_path / "pisang.toml"
    file.write_text(FILE)
    return ("--data", str(tmp_path / "data"), "--config", str(file))


def routes(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        run(["routes", *arguments])
    seen = capsys.readouterr()
    return int(end.value.code or 0), seen.out, seen.err


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code, out, err = routes(capsys, *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_list_has_routes_and_engines_and_no_secret(
    capsys: pytest.CaptureFixture[str], at: tuple[str, ...], tmp_path: Path
) -> None:
    found = read(capsys, "list", *at)
    assert [each["id"] for each in found["routes"]] == ["routes[0]", "routes[1]", "routes[2]"]
    assert found["routes"][1]["price"] == {"image": "0.3"}
    assert [each["name"] for each in found["engines"]] == ["sketch", "studio", "cloud"]
    table = routes(capsys, "list", *at)[1]
    assert "studio=9, sketch=1" in table
    assert "size 4K" in table
    assert "very-secret" not in table + json.dumps(found)
    assert not (tmp_path / "data").exists()


def test_an_explanation_says_what_it_means_which_route_and_what_it_costs(
    capsys: pytest.CaptureFixture[str], at: tuple[str, ...]
) -> None:
    asked = ("explain", "--model", "nano-banana-pro", "--size", "4K", *at)
    code, out, _ = routes(capsys, *asked)
    assert code == 0
    assert out.splitlines() == [
        "nano-banana-pro means gemini-3-pro-image.",
        "models/nano-banana-pro is not an id of Google's; served by models/gemini-3-pro-image.",
        "  routes[0] (the settings) is for other models",
        "  routes[1] (the settings) takes it",
        "1. cloud (vertex) as gemini-3-pro-image, about $0.300 a picture",
    ]
    found = read(capsys, *asked)
    assert (found["route"]["id"], found["engines"][0]["price_usd"]) == ("routes[1]", "0.3")
    out = routes(capsys, "explain", "-m", "nano-banana-pro", *at)[1]
    assert "routes[1] (the settings) is only for the sizes 4K" in out
    assert "1. studio (google) as gemini-3-pro-image" in out
    assert "90 % of the work" in out


def test_an_explanation_may_be_that_there_is_no_way(
    capsys: pytest.CaptureFixture[str], at: tuple[str, ...], tmp_path: Path
) -> None:
    Path(at[3]).write_text(FILE.rpartition("[[routes]]")[0])
    code, out, _ = routes(capsys, "explain", "--model", "other-9", *at)
    assert code == 1
    assert "No route of this server leads to the model other-9" in out
    with pytest.raises(SystemExit):
        run(["projects", "create", "eu", "--location", "us-*", "--data", str(tmp_path / "data")])
    capsys.readouterr()
    code, out, _ = routes(capsys, "explain", "-m", PRO, "-s", "4K", "-p", "eu", *at)
    assert code == 1
    assert "cloud works in europe-west4" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explain", "--tier", "fast"), "no tier 'fast'"),
        (("explain", "--surface", "openai"), "no surface 'openai'"),
        (("explain", "--project", "none"), "no project"),
        (("add", "*", "-e", "studoi"), "Did you mean 'studio'?"),
        (("add", "*", "-e", "studio=many"), "studio=9"),
        (("add", "*", "-e", "studio", "--before", "x"), "no route 'x'"),
        (("add", "*", "-e", "studio", "--size", "9K"), "no size '9K'"),
        (("add", "*", "-e", "studio", "--price", "cheap"), "an amount of dollars"),
        (("test", "none"), "Engines: "),
        (("remove", "routes[0]"), ""),
    ],
)
def test_a_mistake_is_told(
    capsys: pytest.CaptureFixture[str], at: tuple[str, ...], words: tuple[str, ...], told: str
) -> None:
    code, out, err = routes(capsys, *words, *at)
    assert (code != 0, out) == (True, "")
    assert told in err


def test_a_route_is_added_before_those_of_the_file_and_removed(
    capsys: pytest.CaptureFixture[str], at: tuple[str, ...]
) -> None:
    words = (
        "add",
        PRO,
        "nano-*",
        "-e",
        "studio=2",
        "-e",
        "sketch=1",
        "--size",
        "1K",
        "--size",
        "2K",
    )
    made = read(capsys, *words, "--price", "0.05", "--upstream-model", "other", *at)
    assert made["model"] == [PRO, "nano-*"]
    assert made["engines"][0] == {"engine": "studio", "weight": 2}
    assert (made["size"], made["price"]) == (["1K", "2K"], {"image": "0.05"})
    again = ("--before", made["id"], "--surface", "vertex")
    first = read(capsys, "add", "*", "-e", "sketch", *again, *at)["id"]
    listed = read(capsys, "list", *at)["routes"]
    assert [each["id"] for each in listed][:3] == [first, made["id"], "routes[0]"]
    assert listed[0]["surface"] == "vertex"
    asked = ("explain", "-m", PRO, "--surface", "vertex")
    assert "sketch" in routes(capsys, *asked, *at)[1].splitlines()[-1]
    assert routes(capsys, "remove", first, *at)[1] == f"{first} is removed.\n"
    assert read(capsys, "list", *at)["routes"][0]["id"] == made["id"]


def test_a_test_asks_each_engine(capsys: pytest.CaptureFixture[str], at: tuple[str, ...]) -> None:
    code, out, _ = routes(capsys, "test", "studio", "sketch", "cloud", *at)
    assert code == 1
    failed, ok, unusable = out.splitlines()
    assert "NOT_SET is not set" in unusable
    assert failed.startswith("FAIL  studio key 0: unreachable. ")
    assert ok.startswith("ok    sketch key 0")
    assert "secret" not in out
    (found,) = read(capsys, "test", "sketch", *at)
    assert found["ok"]


def test_a_test_beside_a_server_says_that_it_lets_nobody_back_in(
    capsys: pytest.CaptureFixture[str], at: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    assert "--server" not in routes(capsys, "test", "sketch", *at)[2]
    with serving_at(Folder(tmp_path / "data"), "http://127.0.0.1:9"):
        assert (
            "at http://127.0.0.1:9: that needs --server" in routes(capsys, "test", "sketch", *at)[2]
        )


def test_an_explanation_says_that_the_built_in_engine_costs_nobody_anything(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = routes(capsys, "explain", "--data", str(tmp_path / "data"))[1]
    listed = "about $0.068 a picture by the list (rehearsal, not a bill: drawn here at no cost)"
    assert listed in said


async def test_a_server_answers_the_same_by_its_admin_api(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.set_up(level="error", form="text")
    engines = {"studio": {"kind": "google", "api_keys": ["k"], "base_url": "http://127.0.0.1:1"}}
    async with (
        server(tmp_path / "data", engines=engines) as pisang,
        listening(pisang.app.asgi) as url,
    ):
        async with pisang.app.database.write() as connection:
            home = await projects.ensure(connection, "default")
            key = (await keys.create(connection, home, name="k", allowed=[Allowance.ADMIN])).key

        async def there(*words: str, key: str = key) -> tuple[int, str, str]:
            return await asyncio.to_thread(
                routes, capsys, *words, "--server", url, "--key", key, "--data", str(tmp_path)
            )

        made = json.loads((await there("add", PRO, "-e", "studio", "--json"))[1])
        listed = json.loads((await there("list", "--json"))[1])
        assert [each["id"] for each in listed["routes"]] == [made["id"]]
        assert "well" in (await there("list"))[1]
        explained = (await there("explain", "--model", PRO))[1]
        assert explained.splitlines()[-1].endswith("a picture, well")
        code, out, _ = await there("test", "studio")
        assert (code, out.startswith("FAIL  studio key 0: unreachable.")) == (1, True)
        assert (await there("remove", made["id"]))[0] == 0
        assert json.loads((await there("list", "--json"))[1])["routes"] == []
        code, _, err = await there("list", key=pisang.key)
        assert (code, "--allow admin" in err) == (4, True)
