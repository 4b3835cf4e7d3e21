"""Runs a client's program once against the live server and keeps what it saw."""

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.live import PISANG, ROOT, Account, Live, absent
from tests.sdk.clients import Client

PROGRAMS = Path(__file__).with_name("programs")
JAVASCRIPT = Path(__file__).with_name("javascript")
FOREIGN = ("GOOGLE_", "GEMINI_", "OPENAI_", "PISANG_", "CLOUDSDK_", "GCLOUD_")


def environment(account: Account | None) -> dict[str, str]:
    """No variable of the person who runs the tests; for Google Cloud, the account's file."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    if account is not None:
        kept["GOOGLE_APPLICATION_CREDENTIALS"] = str(account.file)
    return {**kept, "NO_GCE_CHECK": "true"}


def outcomes(client: Client, live: Live, account: Account | None) -> dict[str, Any]:
    """What the program of a client printed: a call's name -> its outcome. Skips where the client
    is not installed."""
    ended, printed, errors = _run(client, live, account)
    assert ended == 0, errors
    answers: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answers


@functools.cache  # also of a program that fails: it is run once, not for every call
def _run(client: Client, live: Live, account: Account | None) -> tuple[int, str, str]:
    target = {
        "url": live.url,
        "key": live.key,
        "markdownKey": markdown_key(live),
        "mode": client.mode,
        "environment": client.environment,
        "calls": client.calls,
        "project": account and account.project,
        "token": account and account.token,
    }
    try:
        done = subprocess.run(
            [*command(client), json.dumps(target)],
            cwd=JAVASCRIPT if client.program.endswith(".mjs") else PROGRAMS,
            env=environment(account),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return -1, "", f"{client.name} did not end: {error}"
    return done.returncode, done.stdout, done.stderr


@functools.cache
def markdown_key(live: Live) -> str:
    """A key whose chat answers have their pictures as Markdown, for clients that read text only."""
    words = ["keys", "create", "--chat-images", "markdown", "--data", live.data, "--json"]
    made = subprocess.run([PISANG, *words], check=True, capture_output=True, text=True)
    key: str = json.loads(made.stdout)["key"]
    return key


def command(client: Client) -> list[str]:
    if client.program.endswith(".mjs"):
        node = shutil.which("node")
        if node is None or not (JAVASCRIPT / "node_modules" / client.environment).exists():
            absent(f"node with {client.environment}")
        return [str(node), str(JAVASCRIPT / client.program)]
    python = ROOT / ".cache" / "sdk" / client.environment / "bin" / "python"
    if not python.exists():
        absent(client.environment)
    return [str(python), str(PROGRAMS / client.program)]
