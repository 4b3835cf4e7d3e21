"""Pages of a list: how many things one has, and the token that leads to the next.

A token is base64 of a mark, which the list itself writes and understands. For callers it means
nothing; a list may give its marks another form at any time.
"""

from pisang.core.errors import MalformedRequest
from pisang.wire.base64 import BadBase64, decode_base64, encode_base64


def read_size(said: str | None, *, usual: int, most: int) -> int:
    """How many things a page has, by the query's ``pageSize``; ``usual`` where it does not say.

    More than ``most`` means ``most``, as at Google. Raises ``MalformedRequest``.
    """
    if not said:
        return usual
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        raise MalformedRequest(
            f"Invalid value at 'page_size' (TYPE_INT32), \"{said[:40]}\". Send a whole number "
            f"from 1 to {most}.",
            field="page_size",
        )
    return min(int(said), most) or usual


def write_token(mark: str) -> str:
    """The token of the page that begins at a mark."""
    return encode_base64(mark.encode()).decode()


def read_token(token: str) -> str:
    """The mark of a token. Raises ``MalformedRequest``."""
    try:
        return decode_base64(token).decode()
    except (BadBase64, UnicodeDecodeError):
        raise wrong_token() from None


def wrong_token() -> MalformedRequest:
    """For a token that names no page of the list."""
    return MalformedRequest(
        "The page token is not valid. Send the nextPageToken of the page before, unchanged, or "
        "leave page_token out to start again.",
        field="page_token",
    )
