"""What the dialects' tests share: the recorded traffic of real clients and of Google."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Two cores may be shared with anything: how long one example takes says nothing about the code.
settings.register_profile("pisang", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pisang")

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded requests and answers; it is no part of the repository."""
    folder = Path(os.environ.get("PISANG_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"recorded traffic is not at {folder}; set PISANG_SHARED to its folder")
    return folder
