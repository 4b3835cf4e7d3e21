"""What the doctor says: in the order of looking, with a remedy where something is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pisang.core.content import Blob
from pisang.core.events import Finished, FinishReason, Image, Result
from pisang.doctor import CHECKS, Finding, Patient, State, findings
from pisang.routing.assemble import assemble
from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Kind
from pisang.routing.probe import Probed
from pisang.settings import Settings

PRO = "gemini-3-pro-image"
STUDIO = {"studio": {"kind": "google", "api_keys": ["env:STUDIO"]}}
ALL = [{"model": "*", "engines": ["studio"]}]


def patient(
    *,
    engines: Mapping[str, object] = STUDIO,
    routes: Sequence[object] = ALL,
    environ: Mapping[str, str] = {"STUDIO": "AIzaSyVerySecret"},
    model: str = PRO,
    size: str | None = None,
    **settings: Any,
) -> Patient:
    table = assemble(engines, routes, environ=environ).table
    return Patient(
        settings=Settings(**settings), environ=environ, model=model, size=size, table=table
    )


def said(of: Patient, check: str) -> list[Finding]:
    return [each for each in findings(of) if each.check == check]


def wrong(of: Patient) -> dict[str, str]:
    return {each.check: each.said for each in findings(of) if each.state is State.WRONG}


def test_the_lines_are_in_the_order_in_which_to_look() -> None:
    found = list(dict.fromkeys(each.check for each in findings(patient())))
    assert found == list(CHECKS)
    assert found[:4] == ["model id", "key loaded", "billing", "route"]
    assert wrong(patient()) == {}


def test_a_model_that_is_none_names_what_was_meant() -> None:
    only = [{"model": PRO, "engines": ["studio"]}]
    found = wrong(patient(model="gemini-3-pro-imgae", routes=only))
    assert "Did you mean models/gemini-3-pro-image" in found["model id"]
    assert "No route of this server leads" in found["route"]
    (passing,) = said(patient(model="gemini-3-pro-imgae"), "model id")
    assert passing.state is State.UNSEEN
    assert "Did you mean" in passing.said


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "STUDIO is not set"),
        ({"STUDIO": "'AIzaSyVerySecret'"}, "quotation marks"),
        ({"STUDIO": "AIzaSyVery Secret"}, "white space"),
        ({"STUDIO": "psk_VerySecret"}, "is a key of this server"),
        ({"STUDIO": "ya29.VerySecret"}, "no API key"),
        ({"STUDIO": "sk-VerySecret"}, "like a key of OpenAI"),
        ({"STUDIO": "AIzaSyVerySecret", "GEMINI_API_KEY": '"Secret"'}, "GEMINI_API_KEY has quot"),
    ],
)
def test_a_key_that_cannot_be_right_is_told_and_never_shown(
    environ: dict[str, str], told: str
) -> None:
    of = patient(environ=environ)
    assert told in wrong(of)["key loaded"]
    assert "Secret" not in repr(findings(of))


def test_an_engine_that_names_no_key_is_told_and_what_it_names_instead() -> None:
    engines = {"studio": {"kind": "google", "api_key": "AIzaSyVerySecret"}}
    told = wrong(patient(engines=engines))["key loaded"]
    assert "engines.studio names no key" in told
    assert "api_key." in told
    assert "VerySecret" not in told


def test_a_key_of_another_pisang_is_right_for_it() -> None:
    engines = {"studio": {**STUDIO["studio"], "base_url": "https://other.example"}}
    assert wrong(patient(engines=engines, environ={"STUDIO": "psk_1"})) == {}


def test_keys_in_the_environment_that_are_not_what_they_seem_are_told() -> None:
    environ = {"GEMINI_API_KEY": "AIza1", "GOOGLE_API_KEY": "AIza2"}
    of = patient(engines={}, routes=(), environ=environ)
    assert wrong(of) == {}
    notes = [each.said for each in said(of, "key loaded")]
    assert notes[0].startswith("google has a key from GOOGLE_API_KEY")
    assert "differ: GOOGLE_API_KEY counts" in notes[1]
    of = patient(engines={}, routes=(), environ={"GEMINI_API_KEY": "psk_1"})
    assert "for its clients only" in said(of, "key loaded")[0].said


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("billing-stopped", "billing"),
        ("spending-cap", "billing"),
        ("rate-day", "limits"),
        ("overloaded", "limits"),
        ("bad-key", "route"),
        ("region", "route"),
        ("unreachable", "route"),
    ],
)
def test_what_a_call_or_a_server_has_shown_stands_where_it_belongs(kind: str, check: str) -> None:
    probed = Probed(engine="studio", key=0, model=PRO, kind=kind, advice="Do this.")
    what = TABLE[Kind(kind)].what
    assert wrong(replace(patient(), probed=[probed])) == {check: f"studio key 0: {what}. Do this."}
    trouble = {"state": "out", "kind": kind, "advice": "Do that."}
    of = replace(patient(), troubles={"studio": [trouble]})
    assert wrong(of) == {check: "studio is out: Do that."}


def test_without_a_call_nothing_is_said_of_money() -> None:
    for check in ("billing", "limits"):
        (found,) = said(patient(), check)
        assert (found.state, "--probe" in found.said) == (State.UNSEEN, True)
        (found,) = said(replace(patient(), troubles={}), check)
        assert found.state is State.OK


def test_an_answer_without_a_picture_is_told() -> None:
    picture = Result("m", (Image(Blob("image/png", b"x")),), Finished(FinishReason.STOP))
    none = Result("m", (), Finished(FinishReason.NO_IMAGE, message="No image was made."))
    found = wrong(replace(patient(), drawn={"routes[0]": picture}))
    assert found == {}
    found = wrong(replace(patient(), drawn={"routes[0]": none}))
    assert found["response handling"].startswith(
        "routes[0]: no picture; NO_IMAGE. No image was made. Ask for a picture in so many words"
    )
    found = wrong(replace(patient(), drawn={"routes[0]": "It broke."}))
    assert found["response handling"] == "routes[0]: It broke."


def test_too_little_patience_and_too_small_bodies_are_told() -> None:
    assert "request_timeout is 30 s" in wrong(patient(request_timeout=30))["response handling"]
    assert "max_body_mb is 5" in wrong(patient(max_body_mb=5))["response handling"]


def test_a_size_has_its_price_or_is_none() -> None:
    (found,) = said(patient(size="4K"), "size against price")
    assert found.said.startswith("A picture of 4K costs $0.242 (by the list: 1K $0.137")
    assert "has no size 512" in wrong(patient(size="512"))["size against price"]
    (found,) = said(patient(model="other-9"), "size against price")
    assert found.state is State.UNSEEN


def test_a_subscription_is_not_the_api() -> None:
    (found,) = said(patient(), "consumer quota")
    assert "studio draws is billed to an API project" in found.said
    assert "subscription of the Gemini app" in found.said
    (found,) = said(patient(engines={}, routes=(), environ={}), "consumer quota")
    assert found.said.startswith("No account of Google's is used.")


def test_without_a_route_there_is_no_price() -> None:
    only = [{"model": "other", "engines": ["studio"]}]
    (found,) = said(patient(routes=only), "size against price")
    assert (found.state, "no price" in found.said) == (State.UNSEEN, True)


def test_a_table_that_cannot_be_read_is_the_route_that_is_wrong() -> None:
    of = replace(patient(), table=None, problem="routes[0].engines[0]: there is no engine 'x'.")
    assert wrong(of) == {"route": of.problem}


def test_what_a_running_server_says_to_probes_is_told() -> None:
    (found,) = said(patient(), "server")
    assert found.state is State.UNSEEN
    (found,) = said(replace(patient(), readiness={"status": "ok"}), "server")
    assert found.state is State.OK
    full = {"status": "unavailable", "reason": "The disk is full."}
    assert "The disk is full." in wrong(replace(patient(), readiness=full))["server"]
    behind = {"status": "ok", "warnings": ["It was not told."]}
    assert wrong(replace(patient(), readiness=behind))["server"] == "It was not told."


def test_what_the_key_of_the_data_folder_protects_is_said(tmp_path: Path) -> None:
    (found,) = said(patient(data=tmp_path), "secrets")
    assert found.state is State.OK
    assert str(tmp_path / "master.key") in found.said
    (found,) = said(patient(data=tmp_path, master_key="x" * 16), "secrets")
    assert "PISANG_MASTER_KEY" in found.said
    (tmp_path / "master.key").write_text("1" * 64)
    (tmp_path / "master.key").chmod(0o644)
    assert "chmod 600" in wrong(patient(data=tmp_path))["secrets"]
