"""A pytest plugin that points Google's own test suite at a pisang server; it runs in the SDK's
environment and knows nothing of pisang.

The suite comes with the google-genai wheel (``google/genai/tests``). Its client finds project,
location and address in ways that a custom address switches off, so they are passed explicitly; its
text-only models are swapped for an image model in the request's path; the pictures it expects in
``tests/data`` are drawn, because the wheel leaves them out. Nothing else is touched: what the tests
send and what they assert stays as Google wrote it.

``PISANG_SUITE`` holds JSON with ``url``, ``key``, ``project``, ``location``, ``credentials`` (a
service account file) and ``data`` (a folder with the pictures).
"""

import json
import os
import pathlib
import re

import pytest
from google.genai import _api_client, _replay_api_client, tests, types
from google.oauth2 import service_account

WISH = json.loads(os.environ["PISANG_SUITE"])
IMAGE_MODEL = "gemini-3.1-flash-image"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
_MODEL = re.compile(r"(?<=models/)gemini-[\w.-]+(?=[:?]|$)")


def pytest_configure(config):
    config.addinivalue_line("markers", "asyncio: a coroutine")
    client = _replay_api_client.ReplayApiClient
    client.__init__ = pointed_here(client.__init__)
    base = _api_client.BaseApiClient
    base._build_request = with_image_models(base._build_request)
    os.chdir(WISH["data"])
    beside = pathlib.Path(tests.__file__).with_name("data")
    beside.unlink(missing_ok=True)
    beside.symlink_to(pathlib.Path(WISH["data"], "tests/data"))


def pointed_here(original):
    def init(self, *args, vertexai=False, http_options=None, location=None, **others):
        if isinstance(http_options, types.HttpOptions):
            http_options = http_options.model_dump(exclude_none=True)
        options = {**(http_options or {}), "base_url": WISH["url"]}
        if vertexai:
            others |= {"project": WISH["project"], "credentials": credentials()}
            location = location or WISH["location"]
        else:
            others["api_key"] = WISH["key"]
        original(self, *args, vertexai=vertexai, http_options=options, location=location, **others)

    return init


def credentials():
    return service_account.Credentials.from_service_account_file(WISH["credentials"], scopes=SCOPES)


def with_image_models(original):
    def build(self, method, path, *args, **others):
        return original(self, method, _MODEL.sub(swapped, path), *args, **others)

    return build


def swapped(found):
    """An image model for a text model; names of nothing stay, for tests of errors."""
    name = found.group()
    is_real = re.match(r"gemini-(\d|flash|pro)", name)
    return IMAGE_MODEL if is_real and "image" not in name and "embedding" not in name else name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Writes each outcome as one line, for the test that started this run."""
    report = yield
    if report.when == "call" or (report.when == "setup" and not report.passed):
        why = "" if report.passed else str(getattr(call.excinfo, "value", ""))[:400]
        line = {"test": name_of(item), "outcome": report.outcome, "why": why}
        with open(WISH["results"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report


def name_of(item):
    """``models/test_get.py::test_x vertex``: short, and the same wherever the wheel lies."""
    place = item.path.relative_to(pathlib.Path(tests.__file__).parent).as_posix()
    name = f"{place}::{item.originalname}"
    params = getattr(getattr(item, "callspec", None), "params", {})
    if "use_vertex" not in params:
        return name
    return f"{name} {'vertex' if params['use_vertex'] else 'gemini'}"
