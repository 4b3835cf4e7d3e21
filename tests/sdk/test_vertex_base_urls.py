"""Which ways of naming this server bring google-genai's Vertex mode here: the table of
docs/how-to/vertex.md, tried with the client itself."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.auth.credentials import AnonymousCredentials
from google.genai import errors

from tests.live import Live

MODEL = "gemini-3.1-flash-image"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "vertex.md"
MODE = {"GOOGLE_GENAI_USE_VERTEXAI": "1"}
PLACE = {"GOOGLE_CLOUD_PROJECT": "default", "GOOGLE_CLOUD_LOCATION": "global"}
EXPLICIT = {"project": "default", "location": "global"}


@pytest.fixture(autouse=True)
def _no_settings_of_google(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("GOOGLE_", "GEMINI_")):
            monkeypatch.delenv(name)


def client(
    live: Live, patch: pytest.MonkeyPatch, env: Mapping[str, str], **options: Any
) -> genai.Client:
    for name, value in env.items():
        patch.setenv(name, value.format(url=live.url, key=live.key))
    if options.get("api_key"):
        options["api_key"] = live.key
    return genai.Client(**options)


@pytest.mark.parametrize(
    ("env", "options"),
    [
        ({"GOOGLE_VERTEX_BASE_URL": "{url}"}, {"vertexai": True, "api_key": True, **EXPLICIT}),
        ({"GOOGLE_VERTEX_BASE_URL": "{url}"}, {"vertexai": True, "api_key": True}),
        (MODE | {"GOOGLE_GEMINI_BASE_URL": "{url}"}, {"api_key": True, **EXPLICIT}),
        (MODE | {"GOOGLE_GEMINI_BASE_URL": "{url}", "GOOGLE_API_KEY": "{key}"}, {}),
    ],
)
def test_these_reach_the_server(
    live: Live, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], options: dict[str, Any]
) -> None:
    with client(live, monkeypatch, env, **options) as made:
        assert made.models.count_tokens(model=MODEL, contents="hello").total_tokens == 1


@pytest.mark.parametrize(
    ("env", "options"),
    [
        (MODE | PLACE | {"GOOGLE_GEMINI_BASE_URL": "{url}", "GOOGLE_VERTEX_BASE_URL": "{url}"}, {}),
        (PLACE | {"GOOGLE_VERTEX_BASE_URL": "{url}"}, {"vertexai": True}),
    ],
)
def test_a_project_from_the_environment_alone_gives_a_bare_post_that_is_explained(
    live: Live, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], options: dict[str, Any]
) -> None:
    with (
        client(live, monkeypatch, env, **options) as made,
        pytest.raises(errors.ClientError, match="needs project= and location=") as caught,
    ):
        made.models.count_tokens(model=MODEL, contents="hello")
    assert caught.value.code == 404


def test_the_base_url_of_vertex_is_ignored_where_the_environment_chooses_the_mode(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = MODE | {"GOOGLE_VERTEX_BASE_URL": "{url}"}
    with client(
        live, monkeypatch, env, credentials=AnonymousCredentials(), **EXPLICIT
    ) as made:  # nothing is sent: it would go to Google
        chosen = made._api_client._http_options.base_url
    assert "aiplatform.googleapis.com" in str(chosen)


def test_the_page_has_a_row_for_each() -> None:
    rows = re.findall(r"^\| .*\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    for word in ("POST /", "to Google", "express"):
        assert any(word in row for row in rows), word
