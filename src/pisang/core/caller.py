"""Who is asking, already verified: the project and the key that a request came in with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """``project_id`` is what limits and money count for; ``key_id`` only says which key it was."""

    project_id: str
    key_id: str
