"""The page of roles, from the one table of what each of them may do."""

from pisang.core.roles import GRANTS, Action, Role
from tools.docs.markdown import code, table

_INTRO = """\
# Roles

A member has one role in a project, or in all of the server:
`pisang members add WHO --project NAME --role ROLE`. Members are people (`user:MAIL`), service
accounts (`serviceAccount:MAIL`) and API keys (`key:ID`). What each may do, by the
[commands](commands.md) and by the admin API:
"""
_MORE = """\
- `operator` is a role of the whole server: `pisang members add WHO --operator`. A key that was made
  with `--allow admin` is an operator's, and so is whoever runs a command in the data folder.
- A role in all of the server counts in every project.
- `limits.update` is about projects and tiers; who has `keys.update` may limit a key, because a
  key's limits count beside those of its project.
- Nobody gives a role that may do more than their own, and a project keeps its last owner.
- `images.generate` needs no role for an API key: every key of a project makes pictures, as far as
  it is not [restricted](commands.md#pisang-keys-create).
- For who has no role in a project, everything in it looks as if it were nowhere.
"""


def page() -> str:
    roles = list(Role)
    rows = [
        (code(action.value), *("yes" if action in GRANTS[role] else "" for role in roles))
        for action in Action
    ]
    headers = ("", *(code(role.value) for role in roles))
    return f"{_INTRO}\n{table(headers, rows)}\n\n{_MORE}"
