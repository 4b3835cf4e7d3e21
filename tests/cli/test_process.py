"""The command as a person runs it: a process with real pipes, signals and start-up time."""

import json
import os
import pty
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "pisang"]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PISANG_")}
    return {**kept, "PISANG_DATA": str(folder / "data"), "HOME": str(folder)}


def pisang(folder: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=environment(folder),
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_prompt_becomes_a_file(tmp_path: Path) -> None:
    done = pisang(tmp_path, "generate", "A red fox in the snow", "-r", "16:9", "-o", "fox.webp")

    assert (done.returncode, done.stdout) == (0, b"fox.webp\n")
    assert b"fox" in done.stderr
    assert b"debug" not in done.stderr
    assert (tmp_path / "fox.webp").read_bytes()[:4] == b"RIFF"


def test_same_seed_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    words = ("A red fox under a tree", "--seed", "4", "-q")
    done = pisang(tmp_path, "generate", *words, "-n", "2", "-o", "a.png")
    again = pisang(tmp_path, "generate", *words, "-o", "b.png")

    assert done.stderr == again.stderr == b""
    first, second, third = (
        (tmp_path / name).read_bytes() for name in ("a.png", "a-2.png", "b.png")
    )
    assert first == third
    assert first != second


def test_pictures_and_prompts_flow_through_pipes(tmp_path: Path) -> None:
    made = pisang(tmp_path, "generate", "-", "-o", "-", "-q", stdin=b"a red fox\n")
    assert made.stdout[:8] == b"\x89PNG\r\n\x1a\n"

    edited = pisang(
        tmp_path, "generate", "Make it greyscale", "-a", "-", "--json", stdin=made.stdout
    )

    assert edited.returncode == 0
    (file,) = json.loads(edited.stdout)["files"]
    assert (tmp_path / file["path"]).stat().st_size > 0


def test_a_chat_goes_on_in_another_process(tmp_path: Path) -> None:
    first = pisang(tmp_path, "chat", "-q", stdin=b'a red fox under a tree\nadd the text "One"\n')
    second = pisang(tmp_path, "chat", "-c", "-q", stdin=b'add the text "Two"\n/undo\n')

    assert (first.stderr, second.stderr) == (b"", b"")
    names = (first.stdout + second.stdout).decode().split()
    stem = "a-red-fox-under-a-tree"
    assert names == [f"{stem}.png", f"{stem}-2.png", f"{stem}-3.png"]
    pictures = {(tmp_path / name).read_bytes() for name in names}
    assert len(pictures) == 3


def test_a_picture_needs_no_data_folder_that_can_be_written(tmp_path: Path) -> None:
    done = pisang(tmp_path, "generate", "a red fox", "--data", "/dev/null/data")

    assert done.returncode == 0
    assert (tmp_path / done.stdout.decode().strip()).stat().st_size > 0
    assert "Using a key for this time only" in done.stderr.decode()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["generate", "What is your name?"], 3, "does not ask for a picture"),
        (["generate", "a fox", "-s", "2k"], 2, 'use "2K"'),
        (["generate", "a fox", "-m", "gemini-3-pro-imag"], 2, "gemini-3-pro-image"),
        (["generate", "a fox", "-o", "x.gif"], 2, "x.png"),
        (["generate", "a fox", "--nonsense"], 2, "nonsense"),
        (["generate", "a fox", "--server", "http://127.0.0.1:1"], 69, "pisang serve"),
        (["generate", "a fox", "--server", "localhost"], 78, "http://127.0.0.1:8787"),
        (["generate", "a fox", "-o", "file/x.png"], 74, "Cannot make the folder"),
        (["chat", "-c"], 2, "without -c"),
    ],
)
def test_exit_codes_tell_the_cause(
    tmp_path: Path, words: list[str], code: int, sentence: str
) -> None:
    (tmp_path / "file").write_bytes(b"")

    done = pisang(tmp_path, *words)

    assert done.returncode == code
    assert sentence in done.stderr.decode()
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_a_reader_that_leaves_is_no_traceback(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m pisang models --all --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", shell], env=environment(tmp_path), capture_output=True, check=True
    )

    assert (done.stdout, done.stderr) == (b"[", b"")


def test_the_c_locale_does_not_stop_a_prompt_in_another_script(tmp_path: Path) -> None:
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [*COMMAND, "generate", "A fox: Füchse, 夕暮れ", "-q"],
        cwd=tmp_path,
        env={**environment(tmp_path), **bare},
        capture_output=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == (b"a-fox-fchse.png\n", b"")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_leaves_with_130_and_only_whole_files(tmp_path: Path) -> None:
    words = ["generate", "a city with 30 cats", "-n", "100", "-s", "2K", "-q", "-o", "out/"]
    with subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 30
        while not any((tmp_path / "out").glob("*.png")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
        said = process.stderr.read() if process.stderr else b""

    assert code == 130
    assert b"Traceback" not in said
    files = list((tmp_path / "out").iterdir())
    assert files
    assert all(file.read_bytes()[-8:] == b"IEND\xaeB`\x82" for file in files)


@pytest.mark.skipif(os.name == "nt", reason="POSIX terminals")
def test_a_person_chats_on_a_terminal(tmp_path: Path) -> None:
    mine, its = pty.openpty()
    # The leader of a new session that opens a terminal by its name gets its Ctrl-C.
    on_terminal = ["sh", "-c", 'exec "$@" <"$0" >"$0" 2>"$0"', os.ttyname(its)]
    with subprocess.Popen(
        [*on_terminal, *COMMAND, "chat"],
        cwd=tmp_path,
        env={**environment(tmp_path), "TERM": "dumb"},
        start_new_session=True,
    ) as process:
        try:
            heard = listen(mine, until=b"> ")
            heard += say(mine, b"a red fox\n", until=b".png\r\n> ")
            heard += say(mine, b"half a line", until=b"half a line")
            heard += interrupt(mine, until=b"\n> ")  # throws it away
            heard += say(mine, b"/undo\n", until=b"> ")
            os.write(mine, b"\x04")  # Ctrl-D leaves
            code = process.wait(timeout=30)
        finally:
            process.kill()
    os.close(its)
    os.close(mine)

    assert code == 0
    assert b"/help tells more" in heard
    assert b"a-red-fox.png" in heard
    assert b"taken back" in heard
    assert [path.name for path in tmp_path.glob("*.png")] == ["a-red-fox.png"]


def say(terminal: int, text: bytes, *, until: bytes) -> bytes:
    os.write(terminal, text)
    return listen(terminal, until=until)


def interrupt(terminal: int, *, until: bytes) -> bytes:
    """Presses Ctrl-C, as a person would: once more where nothing comes of it. Python learns of one
    that comes just before its readline begins to wait only with the next key."""
    for _ in range(5):
        os.write(terminal, b"\x03")
        if select.select([terminal], [], [], 3)[0]:
            break
    return listen(terminal, until=until)


def listen(terminal: int, *, until: bytes) -> bytes:
    """Reads what a terminal shows until these bytes end it; gives up after half a minute."""
    heard, deadline = b"", time.monotonic() + 30
    while not heard.endswith(until) and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.5)[0]:
            heard += os.read(terminal, 65536)
    assert heard.endswith(until), heard
    return heard


HEAVY = {"starlette", "sqlalchemy", "alembic", "pyvips", "numpy", "httpx2", "uvicorn", "asyncio"}
WEB = {"starlette", "sqlalchemy", "alembic", "pyvips", "numpy", "httpx2", "uvicorn"}


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        ([], HEAVY | {"pydantic", "rich"}),
        (["--help"], HEAVY | {"pydantic", "rich"}),
        (["models"], HEAVY | {"rich"}),
        (["estimate", "--compare"], HEAVY | {"rich"}),
        (["code", "a fox"], WEB | {"rich"}),
        (["generate", "--help"], WEB | {"rich"}),
        (["chat", "--help"], WEB | {"rich"}),
    ],
    ids=lambda names: " ".join(sorted(names) if isinstance(names, set) else names),
)
def test_a_command_loads_only_what_it_needs(
    tmp_path: Path, words: list[str], unwanted: set[str]
) -> None:
    script = (
        "import sys, pisang\n"
        f"if {words!r}:\n"
        "    from pisang.cli.main import run\n"
        "    try:\n"
        f"        run({words!r})\n"
        "    except SystemExit as done:\n"
        "        assert not done.code, done.code\n"
        "print('LOADED', *{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(done.stdout.rpartition("LOADED ")[2].split())
    assert loaded & unwanted == set()


def test_help_is_there_at_once(tmp_path: Path) -> None:
    def seconds() -> float:  # of a processor: other tests may keep the machine busy
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert pisang(tmp_path, "--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.3
