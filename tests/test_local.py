"""The path without a server."""

import subprocess
import sys


def test_one_picture_in_process_loads_nothing_that_only_a_server_needs() -> None:
    names = "{'sqlalchemy', 'alembic', 'aiosqlite', 'starlette', 'uvicorn'}"
    program = f"import sys, pisang.local; print(*{names} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout.split() == []
