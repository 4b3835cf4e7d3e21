"""Whatever the admin API changes is written into the audit log: seen in its source."""

import ast
from pathlib import Path

import pytest

from pisang.surfaces import admin

FOLDER = Path(str(admin.__file__)).parent
UNTOLD = {("sessions", "end")}  # signing out changes nothing that somebody would look for


def _calls(node: ast.AST) -> set[str]:
    """The names that a function calls: ``asking.changed`` or ``_made``."""
    return {ast.unparse(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}


def _functions(file: Path) -> dict[str, set[str]]:
    return {
        node.name: _calls(node)
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
    }


def _tellers(functions: dict[str, set[str]]) -> set[str]:
    """The functions that write into the audit log, by themselves or by others that they call."""
    known = {"asking.changed", "asking.logged"}
    while True:
        more = {name for name, calls in functions.items() if calls & known} - known
        if not more:
            return known
        known |= more


def _writers() -> list[tuple[str, str]]:
    return [
        (file.stem, name)
        for file in sorted(FOLDER.glob("*.py"))
        for name, calls in _functions(file).items()
        if any(call.endswith(("database.write", ".routes.change")) for call in calls)
        and (file.stem, name) not in UNTOLD
    ]


def test_there_are_handlers_that_write() -> None:
    assert len(_writers()) > 15


@pytest.mark.parametrize(("module", "name"), _writers())
def test_a_handler_that_writes_tells_the_audit_log(module: str, name: str) -> None:
    assert name in _tellers(_functions(FOLDER / f"{module}.py"))
