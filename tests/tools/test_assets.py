"""The packing program: a complete lock, cleaning that changes no picture, forms by rule."""

import json
import re
from pathlib import Path

import pytest
import pyvips

from pisang.engines.sketch import drawings
from tools.assets import fetch, inflect, pack_drawings, pack_fonts, pack_ordinary, pack_words


def test_the_lock_names_versions_and_hashes_and_no_address() -> None:
    text = fetch.LOCK.read_text("utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    for row in packages.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", row["version"])
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", row["integrity"])
    fonts = {f"@expo-google-fonts/{package}" for package, _ in pack_fonts.SOURCES.values()}
    others = {pack_drawings.ICONS, pack_drawings.EMOJI, pack_ordinary.PACKAGE}
    assert set(packages) == fonts | others


def test_a_tarball_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    package = pack_drawings.EMOJI
    version = fetch.read_lock()[package]["version"]
    bad = tmp_path / fetch.tarball_name(package, version)
    bad.write_bytes(b"something else")
    with pytest.raises(fetch.AssetMismatch, match=package):
        fetch.fetch(package, cache=tmp_path)
    assert not bad.exists()


def test_cleaning_makes_opacity_cheap_and_ids_short_without_a_change_to_see() -> None:
    body = (
        '<g fill="none"><defs><linearGradient id="a.long-name"><stop stop-color="#f00"/>'
        '<stop offset="1" stop-color="#00f"/></linearGradient></defs>'
        '<path fill="url(#a.long-name)" d="M0 0h32v16H0z"/>'
        '<path fill="#0f0" d="M4 4h20v20H4z" opacity=".5"/></g>'
    )
    cleaned = pack_drawings.clean(body)
    assert ' opacity="' not in cleaned
    assert 'fill-opacity=".5"' in cleaned
    assert 'id="i0"' in cleaned
    assert "url(#i0)" in cleaned
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 32 32">'
    seen = [
        pyvips.Image.svgload_buffer(f"{head}{one}</svg>".encode()).write_to_memory()
        for one in (body, cleaned)
    ]
    assert seen[0] == seen[1]


def test_skin_is_what_differs_between_tones() -> None:
    people = {
        "wave": ('<path fill="#ffc83d"/><path fill="#ff0000"/>', 32, 32),
        "wave-light": ('<path fill="#f3d2a2"/><path fill="#ff0000"/>', 32, 32),
        "wave-dark": ('<path fill="#6f4b3e"/><path fill="#ff0000"/>', 32, 32),
    }
    assert pack_drawings.split_tone("wave-dark", people) == ("wave", "dark")
    assert pack_drawings.kept_fills("wave", "", people) == {"#ffc83d"}
    assert pack_drawings.main_fill("x", [(50, "#ffc83d"), (9, "#ff0000")], {"#ffc83d"}) == "#ff0000"


@pytest.mark.parametrize(
    ("language", "word", "form"),
    [
        ("de", "baum", "bäumen"),
        ("nl", "boom", "bomen"),
        ("sv", "blomma", "blommor"),
        ("fr", "gâteau", "gâteaux"),
        ("es", "balón", "balones"),
        ("pt", "balão", "balões"),
        ("it", "parco", "parchi"),
        ("ru", "кошка", "кошку"),
        ("uk", "риба", "рибою"),
        ("pl", "ryba", "rybę"),
        ("hi", "घोड़ा", "घोड़ों"),
    ],
)
def test_forms_by_rule(language: str, word: str, form: str) -> None:
    assert form in inflect.forms(word, language)


def test_a_language_without_rules_and_a_phrase_have_no_forms() -> None:
    assert inflect.forms("kissa", "fi") == []
    assert inflect.forms("rote katze", "de") == []


def test_hand_written_words_name_drawings_and_nothing_they_exclude() -> None:
    names = set(drawings.names())
    for path in sorted(pack_words.HAND.glob("*.txt")):
        by_hand = pack_words.hand_written(path.stem, names)
        assert by_hand
        assert "" not in by_hand
        assert len(pack_words.excluded(path.stem)) > 40
    with pytest.raises(ValueError, match="no drawing is called 'cat'"):
        pack_words.hand_written("en", names - {"cat"})
