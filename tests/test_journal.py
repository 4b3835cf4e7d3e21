"""Log lines: JSON for machines, text for people, one form for everyone's."""

import json
import subprocess
import sys

import pytest

_PROGRAM = """
import logging, sys, structlog
from pisang import journal
journal.set_up(level=sys.argv[1], form=sys.argv[2])
structlog.get_logger().info("request", status=200)
structlog.get_logger().debug("detail")
logging.getLogger("uvicorn.error").warning("odd %s", "thing")
logging.getLogger("alembic").info("chatter")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger().exception("defect")
"""


def lines(level: str, form: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, level, form], check=True, capture_output=True, text=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize("form", ["json", "auto"])
def test_without_a_terminal_every_line_is_json(form: str) -> None:
    request, library, defect = (json.loads(line) for line in lines("info", form))
    assert (request["event"], request["status"], request["level"]) == ("request", 200, "info")
    assert (library["event"], library["logger"]) == ("odd thing", "uvicorn.error")
    assert "ZeroDivisionError" in defect["exception"]


def test_text_is_for_people() -> None:
    told = "\n".join(lines("debug", "text"))
    assert "status=200" in told
    assert "detail" in told
    assert "ZeroDivisionError: division by zero" in told
    assert "\x1b" not in told
    assert "chatter" not in told


def test_a_higher_level_leaves_lines_out() -> None:
    assert [json.loads(line)["event"] for line in lines("error", "json")] == ["defect"]
