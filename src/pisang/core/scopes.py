"""What a limit or a budget counts for, as one text: ``project:ID``, ``key:ID`` or ``tier:NAME``."""

from typing import Final

PROJECT: Final = "project"
KEY: Final = "key"
TIER: Final = "tier"


def of_project(id_: str) -> str:
    """All keys of a project together."""
    return f"{PROJECT}:{id_}"


def of_key(id_: str) -> str:
    """One key, or one service account."""
    return f"{KEY}:{id_}"


def of_tier(name: str) -> str:
    """Every project of a tier, each by itself."""
    return f"{TIER}:{name}"


def of_key_or_project(key_id: str, project_id: str) -> str:
    """The key where one is named, else its project."""
    return of_key(key_id) if key_id else of_project(project_id)


def kind_of(scope: str) -> str:
    """``PROJECT``, ``KEY`` or ``TIER``."""
    return scope.partition(":")[0]


def name_of(scope: str) -> str:
    """The id of the project or key, or the name of the tier."""
    return scope.partition(":")[2]
