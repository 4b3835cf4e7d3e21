"""Every call of every official client against a live server: the clients are unmodified, only
the address and the credential are ours. What passes makes the tables of ``docs/compatibility.md``.
"""

import json
import os
from dataclasses import dataclass, field

import pytest

from tests.live import Live
from tests.sdk.calls import CALLS
from tests.sdk.clients import CLIENTS, Client
from tests.sdk.expectations import EXPECTED, expected
from tests.sdk.page import PAGE, renewed
from tests.sdk.running import outcomes

PAIRS = [(client, call) for client in CLIENTS for call in client.calls]


@dataclass
class Passed:
    """What this run has shown: the version of each client, and the calls that passed."""

    versions: dict[Client, str] = field(default_factory=dict)
    calls: list[tuple[Client, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def passed() -> Passed:
    return Passed()


@pytest.mark.parametrize(
    ("client", "call"), PAIRS, ids=[f"{client.name} {call}" for client, call in PAIRS]
)
def test_client(
    client: Client, call: str, live: Live, request: pytest.FixtureRequest, passed: Passed
) -> None:
    account = request.getfixturevalue("account") if client.mode == "account" else None
    seen = outcomes(client, live, account)
    cannot = client.cannot.get(call)
    if cannot is None:
        expected(call, client.dialect)(seen[call])
    else:
        assert cannot.shows in json.dumps(seen[call]), seen[call]
    passed.versions[client] = seen["version"]
    passed.calls.append((client, call))


def test_the_page_says_what_passed(passed: Passed) -> None:
    """Last of this file. With PISANG_TEST_WRITE=1 it writes the page instead."""
    if len(passed.calls) < len(PAIRS):
        pytest.skip(f"{len(passed.calls)} of {len(PAIRS)} calls ran and passed")
    page = renewed(passed.versions, passed.calls)
    if os.environ.get("PISANG_TEST_WRITE") == "1":
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "run it again with PISANG_TEST_WRITE=1"


def test_the_table_of_clients_is_whole() -> None:
    assert len({client.name for client in CLIENTS}) == len(CLIENTS)
    assert set(EXPECTED) == set(CALLS)
    assert {call for _, call in PAIRS} == set(CALLS)
    for client in CLIENTS:
        assert len(set(client.calls)) == len(client.calls)
        assert set(client.cannot) <= set(client.calls)
