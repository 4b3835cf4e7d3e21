"""The page of exit codes, from the table of the command line."""

from pisang.cli import exits
from tools.docs.errors import leaves
from tools.docs.markdown import code, table

_INTRO = """\
# Exit codes

What `$?` is after a `pisang` command, so that a script can tell a wrong option from a busy server.
Numbers from 64 on are those of BSD's `sysexits.h`. The message is on standard error.
"""


def page() -> str:
    rows = [
        (code(int(exit)), sentence, ", ".join(_reasons(exit)) or "-")
        for exit, sentence in exits.TABLE.items()
    ]
    headers = ("code", "meaning", "[errors](errors.md) that end so")
    return f"{_INTRO}\n{table(headers, rows)}\n\n{_MORE}"


def _reasons(exit: exits.Exit) -> list[str]:
    return [code(kind.reason) for kind in leaves() if exits.code(kind("")) is exit]


_MORE = """\
An error that says when to try again (`RetryInfo`) ends with 75, whatever its kind.
"""
