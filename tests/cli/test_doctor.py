"""``pisang doctor`` as a person calls it."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pisang import journal
from pisang.accounts import keys, projects
from pisang.cli.main import run
from pisang.core.caller import Allowance
from pisang.testing import server
from tests.cli.test_maker import listening
from tests.path.asgi import generate, post
from tests.upstream import error, standing, upstream, whole

MODEL = {"name": "models/gemini-3.1-flash-image"}
PICTURE = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {
                        "inlineData": {
                            "mimeType": "image/png",
                            "data": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(),
                        }
                    }
                ],
            },
            "finishReason": "STOP",
        }
    ],
    "usageMetadata": {"totalTokenCount": 9},
    "modelVersion": "gemini-3.1-flash-image",
}
EMPTY_WALLET = (
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects "
    "to manage your project and billing."
)


def doctor(
    capsys: pytest.CaptureFixture[str], folder: Path, *words: str
) -> tuple[int, list[dict[str, Any]], str]:
    with pytest.raises(SystemExit) as end:
        run(["doctor", "--json", "--data", str(folder / "data"), *words])
    seen = capsys.readouterr()
    return int(end.value.code or 0), json.loads(seen.out), seen.err


def settings(folder: Path, url: str) -> tuple[str, str]:
    file = folder / "pisang.toml"
    file.write_text(
        f'[engines.studio]\nkind = "google"\napi_keys = ["AIza-very-secret"]\nbase_url = "{url}"\n'
        '[[routes]]\nmodel = "gemini-3.1-flash-image"\nengines = ["studio"]\n'
        '[[routes]]\nmodel = "*"\nengines = ["sketch"]\n'
    )
    return "--config", str(file)


def test_it_looks_and_makes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found, _ = doctor(capsys, tmp_path)
    assert code == 0
    assert {each["state"] for each in found} <= {"ok", "unseen"}
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("GEMINI_API_KEY", "'AIza-very-secret'")
    code, found, _ = doctor(capsys, tmp_path)
    assert code == 1
    assert "quotation marks" in next(each["said"] for each in found if each["state"] == "wrong")
    with pytest.raises(SystemExit):
        run(["doctor", "--data", str(tmp_path / "data")])
    out = capsys.readouterr().out
    assert "FAIL key loaded: " in out
    assert "very-secret" not in out


def test_without_a_model_it_looks_at_one_that_a_route_is_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    name, file = settings(tmp_path, "http://127.0.0.1:9")
    said = Path(file).read_text("utf-8").replace("3.1-flash-image", "3-pro-image")
    Path(file).write_text(said.replace('"*"', '"imagen-*"'), "utf-8")

    code, found, _ = doctor(capsys, tmp_path, name, file)
    asked, missing, _ = doctor(capsys, tmp_path, name, file, "-m", "gemini-2.5-flash-image")

    assert code == 0, found
    assert any(
        f["check"] == "route" and f["said"].startswith("gemini-3-pro-image goes to studio")
        for f in found
    )
    assert asked == 1
    assert any(f["check"] == "route" and f["state"] == "wrong" for f in missing)


def test_a_mistake_in_the_settings_is_a_finding(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "pisang.toml"
    file.write_text('[[routes]]\nmodel = "*"\nengines = ["studoi"]\n')
    code, found, _ = doctor(capsys, tmp_path, "--config", str(file))
    assert code == 1
    assert [each["check"] for each in found if each["state"] == "wrong"] == ["route"]


def test_a_probe_says_the_price_and_makes_one_small_picture_for_each_route(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with standing(whole(MODEL), whole(PICTURE)) as there:
        code, found, err = doctor(capsys, tmp_path, "--probe", *settings(tmp_path, there.url))
    assert code == 0, found
    first, second = there.requests
    assert (first.method, first.body) == ("GET", b"")
    assert second.json["generationConfig"]["imageConfig"] == {"imageSize": "512"}
    assert "gemini-3.1-flash-image 512 ($0.0" in err
    assert "for routes[0]" in err
    drawn = [each["said"] for each in found if each["check"] == "response handling"]
    assert drawn == ["routes[0]: 1 picture came.", "routes[1]: 1 picture came."]
    states = {each["check"]: each["state"] for each in found}
    assert (states["billing"], states["limits"]) == ("ok", "ok")


def test_a_key_that_is_refused_costs_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    refused = error(400, "API key not valid. Please pass a valid API key.", word="INVALID_ARGUMENT")
    with standing(refused) as there:
        code, found, err = doctor(capsys, tmp_path, "--probe", *settings(tmp_path, there.url))
    assert code == 1
    assert [request.method for request in there.requests] == ["GET"]
    assert "routes[0]" not in err
    assert "studio key 0" in next(each["said"] for each in found if each["state"] == "wrong")
    states = {each["check"]: each["state"] for each in found}
    assert (states["billing"], states["limits"]) == ("unseen", "unseen"), "no picture was made"


def test_an_empty_wallet_is_a_matter_of_billing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with standing(whole(MODEL), error(429, EMPTY_WALLET, word="RESOURCE_EXHAUSTED")) as there:
        code, found, _ = doctor(capsys, tmp_path, "--probe", *settings(tmp_path, there.url))
    assert code == 1
    billing = next(each for each in found if each["check"] == "billing")
    assert billing["state"] == "wrong"
    assert len(there.requests) == 2  # an empty wallet is asked once


async def test_a_running_server_is_asked_how_its_engines_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    journal.set_up(level="error", form="text")
    engines = {"studio": {"kind": "google", "api_keys": ["k"]}}
    async with upstream(error(429, EMPTY_WALLET, word="RESOURCE_EXHAUSTED")) as there:
        engines["studio"]["base_url"] = there.url
        routes = [{"model": "*", "engines": ["studio"]}]
        async with (
            server(tmp_path / "served", engines=engines, routes=routes) as it,
            listening(it.app.asgi) as url,
        ):
            async with it.app.database.write() as connection:
                home = await projects.ensure(connection, "default")
                made = await keys.create(connection, home, name="k", allowed=[Allowance.ADMIN])
            assert (await post(it, generate())).status == 429
            words = ("--server", url, "--key", made.key, *settings(tmp_path, there.url))
            code, found, _ = await asyncio.to_thread(doctor, capsys, tmp_path, *words)
    assert code == 1
    billing = next(each for each in found if each["check"] == "billing")
    assert (billing["state"], "studio is out" in billing["said"]) == ("wrong", True)
    assert ("server", "ok") in {(each["check"], each["state"]) for each in found}
