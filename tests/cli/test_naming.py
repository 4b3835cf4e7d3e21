import os
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pisang.cli import naming
from pisang.core.errors import RequestError, StoreError


@given(st.text())
@example("con")
@example("LPT1.png")
@example("../../etc/passwd")
@example("ก็" * 80)
@example("a" + "\u0301" * 200)
@example("🦊" * 10)
@example("\udc80broken")
@example("ß" * 70)
def test_a_slug_is_a_legal_short_name_on_every_system(prompt: str) -> None:
    name = naming.slug(prompt)

    assert 0 < len(name) <= naming.MAX_LETTERS + len("picture-")
    assert len(name.encode("utf-8")) <= naming.MAX_BYTES + len("picture-")
    assert not set(name) & set('/\\:*?"<>|. \t\r\n\0')
    assert not PureWindowsPath(f"{name}.png").is_reserved()
    assert name == unicodedata.normalize("NFC", name)
    assert name == name.strip("-")
    assert naming.slug(name) == name


def test_slugs_keep_the_letters_of_every_script() -> None:
    assert naming.slug('A card: "Happy Birthday, Mia!" (gold)') == "a-card-happy-birthday-mia-gold"
    assert naming.slug("Ein Fuchs über den Hügeln") == "ein-fuchs-über-den-hügeln"
    assert naming.slug("नमस्ते दुनिया") == "नमस्ते-दुनिया"
    assert naming.slug("夕暮れの海") == "夕暮れの海"
    assert naming.slug("?!") == "picture"


def test_long_prompts_are_cut_between_words() -> None:
    assert naming.slug("an owl " * 20) == "-".join(["an-owl"] * 8 + ["an"])
    assert naming.slug("x" * 99) == "x" * 60


def test_a_long_word_is_not_cut_between_a_letter_and_its_marks() -> None:
    name = naming.slug("का" * 60)

    assert len(name.encode()) <= naming.MAX_BYTES
    assert name == "का" * (len(name) // 2)


def test_output_may_be_left_out_or_be_a_folder_or_a_file(tmp_path: Path) -> None:
    assert naming.target(None, "A fox") == naming.Target(Path(), "a-fox")
    assert naming.target(str(tmp_path), "A fox") == naming.Target(tmp_path, "a-fox")
    assert naming.target("new/", "A fox") == naming.Target(Path("new"), "a-fox")
    assert naming.target("out/x.PNG", "A fox") == naming.Target(Path("out"), "x", ".PNG")
    assert naming.target("out/x", "A fox") == naming.Target(Path("out"), "x")


def test_a_suffix_that_is_no_picture_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(RequestError, match=r"not as \.gif.*cat\.png"):
        naming.target("cat.gif", "a cat")


def test_the_suffix_always_tells_the_truth_about_the_bytes() -> None:
    asked = naming.Target(Path("d"), "cat", ".jpeg")

    assert asked.path_for("image/jpeg") == Path("d/cat.jpeg")
    assert asked.path_for("image/png") == Path("d/cat.png")
    assert naming.Target(Path("d"), "cat").path_for("image/webp") == Path("d/cat.webp")
    assert naming.Target(Path("d"), "cat").path_for("image/heic") == Path("d/cat.heic")


def test_files_are_never_overwritten(tmp_path: Path) -> None:
    first = naming.write_new(tmp_path / "cat.png", b"1")
    second = naming.write_new(tmp_path / "cat.png", b"2")
    third = naming.write_new(tmp_path / "cat.png", b"3")

    assert [first.name, second.name, third.name] == ["cat.png", "cat-2.png", "cat-3.png"]
    assert [path.read_bytes() for path in (first, second, third)] == [b"1", b"2", b"3"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    class Full(type(tmp_path)):  # type: ignore[misc]
        def open(self, *_: object, **__: object) -> object:
            return Path("/dev/full").open("wb")

    with pytest.raises(StoreError, match=r"Cannot write .*cat\.png: no space left on device"):
        naming.write_new(Full(tmp_path / "cat.png"), b"x" * 100)


def test_a_folder_is_made_and_one_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    naming.prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()

    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="Cannot make the folder"):
        naming.prepare(tmp_path / "file" / "sub")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_found_before_drawing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="permission denied"):
        naming.prepare(tmp_path)
