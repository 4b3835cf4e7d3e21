"""Every declared script can be drawn, fallbacks are chosen well, and what is missing is said."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import pyvips

from pisang.engines.sketch import fontconfig, fonts, sfnt

SAMPLES = {
    "Latin": "Happy Birthday",
    "Latin Extended": "Zażółć gęślą jaźń, şöför",
    "Vietnamese": "Chúc mừng sinh nhật",
    "Cyrillic": "С днём рождения, їжак",
    "Greek": "Χρόνια πολλά",
    "Hebrew": "יום הולדת שמח",
    "Arabic": "عيد ميلاد سعيد",
    "Devanagari": "जन्मदिन मुबारक",
    "Thai": "สุขสันต์วันเกิด",
}


@pytest.fixture(autouse=True)
def only_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests have brought into the process is out of sight here."""
    monkeypatch.setattr(fonts, "_brought", {})
    fonts.setup(system=False)


@pytest.mark.parametrize("script", SAMPLES)
def test_each_packed_script_is_drawable(script: str) -> None:
    assert fonts.missing(SAMPLES[script]) == {}
    for style in fonts.STYLES:
        chosen = fonts.faces_for(SAMPLES[script], style)
        covered = frozenset().union(*(fonts.coverage(face.name) for face in chosen))
        assert set(map(ord, fonts.letters(SAMPLES[script]))) <= covered, style


@pytest.mark.parametrize("name", fonts.FACES)
def test_the_packed_table_tells_what_the_file_has(name: str) -> None:
    face = fonts.FACES[name]
    (read,) = sfnt.read_faces(face.file)
    assert (read.family, read.weight, read.slant) == (face.family, face.weight, face.slant)
    controls = {*range(0x20), *range(0x7F, 0xA0)}
    assert sfnt.read_points(face.file) - controls == fonts.coverage(name)


def test_every_style_names_packed_faces() -> None:
    assert {name for chain in fonts.STYLES.values() for name in chain} <= set(fonts.FACES)


@pytest.mark.parametrize(
    ("text", "style", "face"),
    [
        ("Happy Birthday!", "script", "great-vibes"),
        ("С днём рождения", "script", "great-vibes"),
        ("Привет", "handwritten", "caveat-bold"),
        ("Γειά σου", "mono", "jetbrains-mono"),
        ("ПРИВЕТ", "display", "oswald-bold"),
        ("مرحبا", "serif", "noto-sans-arabic"),
        ("مرحبا", "bold", "noto-sans-arabic-bold"),
        ("שלום", "sans", "noto-sans-hebrew"),
        ("สวัสดี", "neon", "noto-sans-thai"),
        ("नमस्ते", "bold", "noto-sans-bold"),
    ],
)
def test_the_wanted_style_is_kept_where_it_has_the_letters(
    text: str, style: str, face: str
) -> None:
    assert fonts.faces_for(text, style)[0].name == face


def test_a_mixed_text_keeps_its_style_and_adds_a_fallback() -> None:
    names = [face.name for face in fonts.faces_for("Happy Diwali, everybody! दिवाली", "script")]
    assert names == ["great-vibes", "noto-sans"]


def test_a_family_can_be_asked_for_by_name() -> None:
    assert fonts.faces_for("Hi", "Playfair Display")[0].family == "Playfair Display"
    with pytest.raises(KeyError, match="Comic Sans"):
        fonts.faces_for("Hi", "Comic Sans")[0]


def test_what_no_font_has_is_said_by_script() -> None:
    assert fonts.missing("Hello 世界, かな") == {"Han": "世界", "Hiragana": "かな"}
    assert list(fonts.missing("বাংলা")) == ["Bengali"]
    assert "fonts-noto-cjk" in fonts.REMEDY


def test_emoji_are_drawings_and_plain_signs_stay_letters() -> None:
    assert fonts.missing("I ❤️ cake 🎂 👩🏽‍🚀") == {}
    pieces = fonts.split_emoji("I ❤️ 🎂!")
    assert pieces == [
        ("I ", None),
        ("❤️", "red-heart"),
        (" ", None),
        ("🎂", "birthday-cake"),
        ("!", None),
    ]
    assert fonts.split_emoji("© 2026 #1") == [("© 2026 #1", None)]
    assert fonts.missing("🇫🇷") == {"Emoji": "🇫🇷"}


def test_only_our_fonts_are_seen() -> None:
    unknown = pyvips.Image.text("iiiWW", font="No Such Family 40").width
    assert pyvips.Image.text("iiiWW", font="DejaVu Sans 40").width == unknown
    assert pyvips.Image.text("iiiWW", font="Press Start 2P 40").width > unknown


def test_a_font_brought_by_a_person_is_used(tmp_path: Path) -> None:
    renamed = tmp_path / "in" / "Brought.ttf"
    renamed.parent.mkdir()
    data = fonts.FACES["righteous"].file.read_bytes()
    new = data.replace("Righteous".encode("utf-16-be"), "Righteovs".encode("utf-16-be"))
    renamed.write_bytes(new.replace(b"Righteous", b"Righteovs"))
    (copied,) = fonts.add(renamed.parent, into=tmp_path / "fonts")
    assert copied.read_bytes() == renamed.read_bytes()
    fonts.setup([tmp_path / "fonts"], system=False)
    assert fonts.faces_for("Hi", "Righteovs")[0].packed is False
    drawn = pyvips.Image.text("iiiWW", font="Righteovs 40").width
    assert drawn == pyvips.Image.text("iiiWW", font="Righteous 40").width


def test_what_is_no_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"\0\1\0\0 not a font")
    with pytest.raises(sfnt.BadFont, match=r"a\.ttf"):
        fonts.add(tmp_path, into=tmp_path / "fonts")
    assert not (tmp_path / "fonts").exists()
    with pytest.raises(FileNotFoundError):
        fonts.add(tmp_path / "none", into=tmp_path / "fonts")


def test_a_system_without_cjk_fonts_gives_none(tmp_path: Path) -> None:
    assert fontconfig.system_cjk_files([tmp_path]) == ()
    for name in ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Black.ttc", "DejaVuSans.ttf"):
        (tmp_path / name).touch()
    assert [p.name for p in fontconfig.system_cjk_files([tmp_path])] == ["NotoSansCJK-Regular.ttc"]


def test_the_cjk_fonts_of_the_system_are_used() -> None:
    if not fontconfig.system_cjk_files():
        pytest.skip("this machine has no Chinese, Japanese or Korean font")
    fonts.setup()
    assert fonts.missing("世界 かな 안녕") == {}
    regions = {"お誕生日おめでとう": "JP", "생일 축하해": "KR", "生日快乐": "SC"}
    for text, region in regions.items():
        face = fonts.faces_for(text, "bold")[0]
        assert not face.packed
        if "CJK" in face.family:
            assert (face.family.split()[-1], face.weight) == (region, 700)


def test_text_drawn_before_the_setup_is_an_error_and_not_a_wrong_picture() -> None:
    program = (
        "import pyvips; pyvips.Image.text('a'); "
        "from pisang.engines.sketch import fonts; fonts.setup(system=False)"
    )
    environment = {k: v for k, v in os.environ.items() if k != fontconfig.VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "TooLate" in done.stderr


def test_the_fonts_are_whole_and_carry_their_licence() -> None:
    data = fonts.FOLDER.parent
    notice = (data / "NOTICE").read_text("utf-8")
    texts = {path.name for path in (data / "licenses").iterdir()}
    for line in notice.splitlines():
        if line.startswith("- @expo-google-fonts/"):
            assert line.rpartition("/")[2] in texts
    assert notice.count("OFL-1.1") + notice.count("Apache-2.0") == len(
        [name for name in texts if name.startswith("font-")]
    )
    digests = {hashlib.sha256(face.file.read_bytes()).digest() for face in fonts.FACES.values()}
    assert len(digests) == len(fonts.FACES)
