"""Writes the fontconfig set-up that this process draws text with, and makes it the one in use.

fontconfig reads `FONTCONFIG_FILE` at the first text of a process and never again. What comes
later is handed to the running configuration file by file, through libvips. The set-up lies in a
folder of this user below the temporary directory, named by its content: processes that start
together write the same bytes, and a read-only home does not matter.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pyvips

VARIABLE = "FONTCONFIG_FILE"
SYSTEM_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# Files that are known to hold Chinese, Japanese or Korean; the first pattern that finds any wins,
# because each file costs fontconfig up to a second when it sees it for the first time.
CJK_FILES = (
    r"NotoSansCJK-(Regular|Bold)\.(ttc|otc)",
    r"(NotoSans|SourceHanSans)(CJK)?(JP|SC|KR)[-_](Regular|Bold)\.(otf|ttf)",
    r"(ipag|ipaexg|TakaoGothic|VL-Gothic-Regular|wqy-(zenhei|microhei)|Nanum(Barun)?Gothic"
    r"|DroidSansFallback(Full)?)\.(ttf|ttc|otf)",
    r"(PingFang|Hiragino Sans GB|AppleSDGothicNeo|msyh|meiryo|malgun|YuGothR)\.(ttc|ttf)",
)
# Families tried for a letter that the asked one lacks, in our order and not the machine's.
ORDER = (
    "Inter",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
)
_PAGE = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
{folders}
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
    <edit name="antialias" mode="assign"><bool>true</bool></edit>
    <edit name="rgba" mode="assign"><const>none</const></edit>
    <edit name="family" mode="append" binding="strong">
{families}
    </edit>
  </match>
</fontconfig>
"""


class TooLate(RuntimeError):
    """Text was drawn with other fonts before ours were set up; start the process anew."""


def system_cjk_files(folders: Sequence[Path] = SYSTEM_FOLDERS) -> tuple[Path, ...]:
    """The system's CJK fonts, of the best kind found; empty when it has none."""
    there = [Path(top) / name for f in folders for top, _, files in os.walk(f) for name in files]
    for pattern in CJK_FILES:
        found = {path.name: path for path in sorted(there) if re.fullmatch(pattern, path.name)}
        if found:
            return tuple(found.values())
    return ()


def install(
    folder: Path, *, added: Sequence[Path], system: Sequence[Path], probe: tuple[str, str]
) -> None:
    """Make the fonts of `folder` and the given files the only ones of this process.

    `probe` are two families of `folder` whose letters differ much in width: if they do not, the
    set-up came too late (raises TooLate). May be called again, to add files.
    """
    place = os.environ.get(VARIABLE)
    target = str(write(folder))
    if place != target:
        os.environ[VARIABLE] = target
        first, second = (pyvips.Image.text("iiiWW", font=f"{name} 24") for name in probe)
        if first.width == second.width:
            os.environ.pop(VARIABLE) if place is None else os.environ.update({VARIABLE: place})
            raise TooLate(
                "text was drawn before the sketch engine's fonts were set up; call "
                "pisang.engines.sketch.fonts.setup() before anything that draws text"
            )
    for path in (*added, *system):
        pyvips.Image.text("i", font="Inter 8", fontfile=str(path))


def write(folder: Path) -> Path:
    """Write the set-up for a folder of fonts; the path of `fonts.conf`."""
    version = f"{folder.resolve()}\n{_PAGE}{ORDER}{pyvips.version(0)}.{pyvips.version(1)}"
    home = private_folder() / hashlib.sha256(version.encode("utf-8")).hexdigest()[:20]
    home.mkdir(mode=0o700, exist_ok=True)
    families = "\n".join(f"      <string>{name}</string>" for name in ORDER)
    page = _PAGE.format(
        folders=f"  <dir>{escape(str(folder))}</dir>",
        cache=escape(str(home / "cache")),
        families=families,
    )
    target = home / "fonts.conf"
    if not target.exists():
        scratch = home / f"fonts.{os.getpid()}.new"
        scratch.write_text(page, "utf-8")
        scratch.replace(target)
    return target


def private_folder() -> Path:
    """A folder that only this user can write; a fresh one if the usual one is not ours."""
    user = os.getuid() if sys.platform != "win32" else os.environ.get("USERNAME", "user")
    folder = Path(tempfile.gettempdir()) / f"pisang-fonts-{user}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        about = folder.lstat()
        mine = sys.platform == "win32" or about.st_uid == os.getuid()
        if not (mine and stat.S_ISDIR(about.st_mode) and not about.st_mode & 0o022):
            return Path(tempfile.mkdtemp(prefix="pisang-fonts-"))
    return folder
