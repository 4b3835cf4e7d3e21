"""The data folder: what a running server leaves in it for commands."""

from pathlib import Path

from pisang.store.folder import Folder, prepare, served_at, serving_at


def test_the_address_stands_there_while_the_server_runs(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "data")
    assert served_at(folder) is None
    with serving_at(folder, "http://127.0.0.1:1"):
        assert served_at(folder) == "http://127.0.0.1:1"
        with serving_at(folder, "http://127.0.0.1:2"):
            assert served_at(folder) == "http://127.0.0.1:2"
    assert served_at(folder) is None


def test_a_server_leaves_the_address_of_another_alone(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "data")
    with serving_at(folder, "http://127.0.0.1:1"):
        folder.address.write_text("http://127.0.0.1:2")
    assert served_at(folder) == "http://127.0.0.1:2"


def test_a_folder_that_takes_no_file_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    with serving_at(Folder(tmp_path / "none"), "http://127.0.0.1:1"):
        pass
