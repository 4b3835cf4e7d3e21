"""File names for pictures: made from the prompt, right for their bytes, never over another file.

The name must be legal on every system a folder may be carried to. Two traps decide the form:
Windows refuses ``con.png`` and its like, and most file systems count a name's length in *bytes*,
so sixty Devanagari letters with their vowel signs are already three times sixty.
"""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pisang.core.errors import RequestError, StoreError
from pisang.core.image import MediaType

SUFFIXES: dict[str, str] = {
    MediaType.PNG: ".png",
    MediaType.JPEG: ".jpg",
    MediaType.WEBP: ".webp",
}
"""The usual suffix of each media type."""

MEDIA_TYPES = {
    ".png": MediaType.PNG,
    ".jpg": MediaType.JPEG,
    ".jpeg": MediaType.JPEG,
    ".webp": MediaType.WEBP,
}
"""Which media type a caller means by a suffix."""

MAX_LETTERS = 60
MAX_BYTES = 180  # of the 255 that file systems allow; the rest is for "-2.webp"

_RESERVED = {"con", "prn", "aux", "nul"} | {
    port + digit for port in ("com", "lpt") for digit in "0123456789"
}


def slug(prompt: str) -> str:
    """Turns a prompt into a file name without its suffix; ``picture`` when no letter is left.

    Letters and digits of every script stay, the rest becomes single hyphens. At most 60
    characters and 180 bytes of UTF-8, cut between words where there is a gap to cut at.
    """
    folded = unicodedata.normalize("NFKC", prompt).lower()
    text = unicodedata.normalize("NFC", folded)
    kept = "".join(letter if unicodedata.category(letter)[0] in "LMN" else "-" for letter in text)
    words = [word for word in kept.split("-") if word]
    name = _fit(words) or "picture"
    return f"picture-{name}" if name in _RESERVED else name


def stem(prompt: str) -> str:
    """The slug, or what of it is ASCII where the locale has no other file names (``LC_ALL=C``)."""
    try:
        os.fsencode(slug(prompt))
    except UnicodeEncodeError:
        return slug(prompt.encode("ascii", "ignore").decode())
    return slug(prompt)


def _fit(words: list[str]) -> str:
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer) > MAX_LETTERS or len(longer.encode()) > MAX_BYTES:
            return name or _cut(word)
        name = longer
    return name


def _cut(word: str) -> str:
    """Cuts one long word, never between a letter and the marks that stand on it."""
    cut = word[:MAX_LETTERS]
    while len(cut.encode()) > MAX_BYTES:
        cut = cut[:-1]
    while len(cut) > 1 and unicodedata.category(word[len(cut)])[0] == "M":
        cut = cut[:-1]
    return cut


@dataclass(frozen=True, slots=True)
class Target:
    """Where pictures go: a folder and a stem; ``suffix`` is None while the caller left it open."""

    folder: Path
    stem: str
    suffix: str | None = None

    @property
    def media_type(self) -> MediaType | None:
        """The format that the asked suffix means."""
        return MEDIA_TYPES[self.suffix.lower()] if self.suffix else None

    def path_for(self, media_type: str) -> Path:
        """The path that suits the bytes: the asked suffix if it is true of them."""
        suffix = self.suffix
        if suffix is None or MEDIA_TYPES[suffix.lower()] != media_type:
            suffix = SUFFIXES.get(media_type) or f".{slug(media_type.rpartition('/')[2])}"
        return self.folder / f"{self.stem}{suffix}"


def target(output: str | None, prompt: str) -> Target:
    """Reads ``--output``: nothing (here, named from the prompt), a folder, or a file.

    A folder is one that exists or a name that ends in a slash. Raises ``RequestError`` for a
    suffix that is no picture format of ours, before any picture is made.
    """
    if output is None:
        return Target(Path(), stem(prompt))
    path = Path(output)
    if path.is_dir() or output.endswith(("/", os.sep)):
        return Target(path, stem(prompt))
    if path.suffix and path.suffix.lower() not in MEDIA_TYPES:
        raise RequestError(
            f"Pictures are written as {', '.join(MEDIA_TYPES)}, not as {path.suffix}: "
            f"use for example {path.with_suffix('.png').name}",
            field="output",
        )
    return Target(path.parent, path.stem, path.suffix or None)


def prepare(folder: Path) -> None:
    """Makes the folder, and finds out that it cannot be written before the work is done.

    Raises ``StoreError``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"Cannot make the folder {folder}: {_why(error)}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"Cannot write into {folder}: permission denied; choose another with -o")


def write_new(path: Path, data: bytes) -> Path:
    """Writes a file that was not there before and returns its path: ``cat.png``, ``cat-2.png``, …

    The name is claimed by the file system itself (exclusive creation), so two commands at once
    never share one. A file that could not be written whole is taken away again. Raises
    ``StoreError``.
    """
    for candidate in _candidates(path):
        try:
            with candidate.open("xb") as file:
                try:
                    file.write(data)
                    file.flush()
                except BaseException:
                    candidate.unlink(missing_ok=True)
                    raise
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(f"Cannot write {candidate}: {_why(error)}") from error
        return candidate
    raise StoreError(f"Too many files are named like {path}; choose another with -o")


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    for number in range(2, 100_000):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
