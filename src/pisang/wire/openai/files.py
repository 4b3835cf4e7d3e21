"""OpenAI's file objects: the same files as Google's, under ids that begin with ``file-``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pisang.core.clock import seconds_of
from pisang.core.errors import NotFound
from pisang.core.files import File
from pisang.wire import payload
from pisang.wire.openai.schema import WrongParameter
from pisang.wire.payload import Written

PURPOSES: Final = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
_PREFIX: Final = "file-"
_MOST_LISTED: Final = 10_000
_DEFAULT_NAME: Final = "file"


@dataclass(frozen=True, slots=True)
class Listing:
    """Which files are asked for; ``after`` is a name."""

    size: int = _MOST_LISTED
    after: str | None = None
    oldest_first: bool = False
    purpose: str | None = None


def file_id(name: str) -> str:
    """The id under which OpenAI's clients know the file of this name."""
    return f"{_PREFIX}{name}"


def name_of(identifier: str) -> str | None:
    """The name of the file with this id; None where it is no file's id."""
    return identifier.removeprefix(_PREFIX) if identifier.startswith(_PREFIX) else None


def purpose(said: str) -> str:
    """What a file is for. Raises ``WrongParameter``."""
    if said not in PURPOSES:
        raise WrongParameter(
            f"Invalid value: '{said[:60]}'. Supported values are: "
            + ", ".join(f"'{word}'" for word in PURPOSES)
            + ".",
            param="purpose",
        )
    return said


def listing(query: Mapping[str, str]) -> Listing:
    """Reads the parameters of a list. Raises ``WrongParameter``."""
    limit, order, after = query.get("limit"), query.get("order"), query.get("after")
    if limit and not (limit.isascii() and limit.isdigit() and 0 < int(limit[:9]) <= _MOST_LISTED):
        raise WrongParameter(
            f"Invalid value for 'limit': send a whole number from 1 to {_MOST_LISTED}.",
            param="limit",
        )
    if order and order not in ("asc", "desc"):
        raise WrongParameter("Invalid value for 'order': send 'asc' or 'desc'.", param="order")
    if after and name_of(after) is None:
        raise WrongParameter("Invalid value for 'after': send a file's id.", param="after")
    return Listing(
        size=int(limit) if limit else _MOST_LISTED,
        after=name_of(after) if after else None,
        oldest_first=order == "asc",
        purpose=query.get("purpose") or None,
    )


def encode(file: File) -> bytes:
    """Writes one file object."""
    return b"".join(payload.pieces(_written(file)))


def encode_page(files: Sequence[File], *, more: bool) -> bytes:
    """Writes a list of file objects."""
    body: dict[str, Written] = {
        "object": "list",
        "data": [_written(file) for file in files],
        "first_id": file_id(files[0].name) if files else None,
        "last_id": file_id(files[-1].name) if files else None,
        "has_more": more,
    }
    return b"".join(payload.pieces(body))


def encode_deleted(name: str) -> bytes:
    """Writes that a file is deleted."""
    body: dict[str, Written] = {"id": file_id(name), "object": "file", "deleted": True}
    return b"".join(payload.pieces(body))


def no_such_file(identifier: str) -> NotFound:
    """What OpenAI says of a file that is not there, or somebody else's."""
    return NotFound(f"No such File object: {identifier[:80]}", field="id")


def _written(file: File) -> dict[str, Written]:
    return {
        "id": file_id(file.name),
        "object": "file",
        "bytes": file.size,
        "created_at": seconds_of(file.created_at),
        "expires_at": seconds_of(file.expires_at),
        "filename": file.display_name or _DEFAULT_NAME,
        "purpose": file.purpose or "user_data",
        "status": "processed",
        "status_details": None,
    }
