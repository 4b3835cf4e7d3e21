"""Identifiers: sorted by time, and never the same twice, in one process or in several."""

import os
import subprocess
import sys

import pytest

from pisang.core.ids import new_id

MANY = 2_000
IN_A_CHILD = """
import os
from pisang.core.ids import new_id

new_id("a")  # so that there is chance left over from before
child = os.fork()
os.write(1, new_id("a", now=1.0).encode() + b"\\n")
if child:
    os.waitpid(child, 0)
"""


def test_no_two_are_the_same_and_later_ones_sort_after() -> None:
    made = [new_id("key", now=1_000.0 + number) for number in range(MANY)]
    assert len(set(made)) == MANY
    assert made == sorted(made)
    assert len({new_id("key", now=1_000.0) for _ in range(MANY)}) == MANY


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_and_its_child_make_others() -> None:
    command = [sys.executable, "-c", IN_A_CHILD]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, second = done.stdout.split()
    assert first != second
