"""The documentation says what the code says: all of it, nothing that is gone, no dead links."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from pisang import __version__
from pisang.cli import main
from pisang.cli.exits import Exit
from pisang.core.errors import PisangError
from pisang.core.events import FinishReason
from pisang.core.image import sniff
from pisang.engines import registry
from pisang.routing import read
from pisang.settings import Settings
from pisang.sources import OTHER_NAMES, load
from pisang.surfaces.addresses import GEMINI_VERSIONS
from tests.docs.blocks import PAGES, ROOT, blocks, runnable
from tools.docs import __main__ as generator
from tools.docs.decisions import numbered
from tools.docs.http import ANSWERED, SENT
from tools.docs.markdown import anchor
from tools.docs.paths import listed, place, served

DOCS = ROOT / "docs"
WRITTEN = (*PAGES, ROOT / "CHANGELOG.md")
LANGUAGES = {"sh", "python", "js", "json", "text", "toml", "nginx"}
BIGGEST_PICTURE = 300_000
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def reference(name: str) -> str:
    return (DOCS / "reference" / f"{name}.md").read_text("utf-8")


def test_generated_pages_say_what_the_code_says() -> None:
    assert [str(page.relative_to(ROOT)) for page in generator.stale()] == [], "run script/docs"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    field = Settings.model_fields[name]
    line = next(x for x in reference("settings").splitlines() if x.startswith(f"| `{name}` |"))

    assert f"`PISANG_{name.upper()}`" in line
    assert field.description
    assert field.description in line


def test_every_variable_that_is_no_setting_is_documented() -> None:
    for name in OTHER_NAMES:
        assert f"| `PISANG_{name}` |" in reference("settings")


def test_the_settings_file_on_the_page_of_settings_is_one(tmp_path: Path) -> None:
    page = DOCS / "reference" / "settings.md"
    (sample,) = (block.text for block in blocks(page) if block.language == "toml")
    (tmp_path / "pisang.toml").write_text(sample)

    loaded = load({"data": tmp_path}, config=tmp_path / "pisang.toml")

    assert loaded.settings.bucket_folders == {"photos": Path("/srv/photos")}


def tables() -> list[tuple[str, str]]:
    """Every part of a settings file that a page shows, and where it stands."""
    return [
        (f"{page.relative_to(ROOT)}:{block.line}", block.text)
        for page in PAGES
        for block in blocks(page)
        if block.language == "toml" and ("[engines" in block.text or "[[routes]]" in block.text)
    ]


@pytest.mark.parametrize(("place", "text"), tables(), ids=[place for place, _ in tables()])
def test_engines_and_routes_on_pages_can_be_read(place: str, text: str) -> None:
    told = tomllib.loads(text)
    kinds = [*registry.kinds(), "plain"]

    engines = {
        name: read.engine(name, value, kinds=kinds)
        for name, value in told.get("engines", {}).items()
    }
    for number, value in enumerate(told.get("routes", [])):
        assert read.route(value, id=str(number), engines=engines or None).targets, place


def raised() -> set[str]:
    """The reasons of all errors that the program defines, wherever it does."""
    found, kinds = set(), [PisangError]
    while kinds:
        kind = kinds.pop()
        found.add(kind.reason)
        kinds += kind.__subclasses__()
    return found - {PisangError.reason, "REQUEST_INVALID", "NOT_ADMITTED", "ENGINE_ERROR"}


@pytest.mark.parametrize("reason", sorted(raised()))
def test_every_error_reason_is_documented(reason: str) -> None:
    assert f"`{reason}`" in reference("errors")


@pytest.mark.parametrize("reason", FinishReason)
def test_every_finish_reason_is_documented(reason: FinishReason) -> None:
    assert re.search(rf"^\| `{reason}` \| .+ \|$", reference("errors"), re.MULTILINE)


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_documented(code: Exit) -> None:
    assert re.search(rf"^\| `{code.value}` \| .+ \|", reference("exit-codes"), re.MULTILINE)


def commands() -> list[tuple[str, list[str]]]:
    """Every command with its options, as the command line itself knows them."""
    root = typer.main.get_command(main.app)
    context = typer.Context(root, info_name="pisang")
    found, waiting = [], [(f"pisang {n}", root.get_command(context, n)) for n in main.NOUNS]
    while waiting:
        name, command = waiting.pop()
        inner = getattr(command, "commands", {})
        waiting += [(f"{name} {word}", below) for word, below in inner.items()]
        options = [o for p in command.params for o in p.opts if o.startswith("-")]
        found.append((name, options))
    return sorted(found)


@pytest.mark.parametrize(("name", "options"), commands())
def test_every_command_and_option_is_documented(name: str, options: list[str]) -> None:
    section = reference("commands").partition(f"\n## {name}\n")[2].partition("\n## ")[0]

    assert f"Usage: {name}" in section
    for option in options:
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section), option


def test_every_route_and_verb_is_documented() -> None:
    page = reference("http")

    assert ("POST", "/{version}/models/{model}:generateContent") in served()
    for method, path in served():
        section, shown = place(path)
        text = page.partition(f"\n### {section.title}\n")[2].partition("\n#")[0]
        assert f"| {method} | `{shown}` |" in text
    for word in GEMINI_VERSIONS:
        assert f"`{word}`" in page


def test_a_path_in_short_is_served_at_each_address_that_it_stands_for() -> None:
    real = {(method, layered(path)) for method, path in served()}
    for rows in listed().values():
        for method, shown in rows:
            section, _ = place(next(p for m, p in served() if place(p)[1] == shown))
            for name, beginnings in section.short.items():
                if shown.startswith(name):
                    full = {layered(shown.replace(name, beginning)) for beginning in beginnings}
                    assert {(method, path) for path in full} <= real, shown


def layered(path: str) -> str:
    """The layer of Google's for OpenAI's clients has a path parameter of its own."""
    return path.replace("/{layer}", "/{version}/openai")


def test_every_header_of_ours_is_documented() -> None:
    source = "".join(file.read_text("utf-8") for file in (ROOT / "src" / "pisang").rglob("*.py"))
    named = set(
        re.findall(r"\bx-(?:pisang|goog|gemini|vertex|server|request)-[a-z-]+", source.lower())
    )
    steps = {name for name in named if name.startswith("x-goog-upload-")}
    told = set(", ".join((*SENT, *ANSWERED)).split(", "))

    assert "x-pisang-notice" in named
    assert named - steps <= told


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere_in_the_repository(page: Path) -> None:
    for link in _LINK.findall(_FENCED.sub("", page.read_text("utf-8"))):
        if link.startswith(("http://", "https://")):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        assert target.exists(), f"{link} leads nowhere"
        if fragment:
            assert fragment in anchors(target), f"{link}: no such heading"


def anchors(page: Path) -> set[str]:
    text = _FENCED.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {anchor(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)) for heading in headings}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_folder_that_a_reader_has_not(page: Path) -> None:
    text = page.read_text("utf-8")

    assert not re.search(r"(?<![\w.])(?:/home/|/root/|/work/|/Users/|/tmp/)", text)
    assert not re.search(r"\bshared/(?:contract|design|hooks|recordings)", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_say_what_they_are_and_why_they_are_not_run(page: Path) -> None:
    for block in blocks(page):
        assert block.language in LANGUAGES, f"line {block.line}: {block.language!r}"
        if block.note.startswith("not run"):
            assert re.fullmatch(r"not run: .{10,}", block.note), f"line {block.line}"


def test_most_examples_are_run() -> None:
    run = sum(len(runnable(page)) for page in PAGES)

    assert run >= 30


def test_decisions_are_numbered_without_gaps() -> None:
    pages = numbered(DOCS)

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert page.read_text("utf-8").startswith(f"# {int(page.name[:4])}. "), page.name


def test_code_names_decisions_that_are_there() -> None:
    named = set()
    for folder in ("src", "tests", "tools", "script", "bench"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in (".py", ".toml", ".md", "") and "node_modules" not in file.parts:
                text = file.read_text("utf-8", "ignore") if file.is_file() else ""
                named |= set(re.findall(r"docs/decisions/(\d{4}[\w-]+\.md)", text))

    assert named
    assert named <= {page.name for page in numbered(DOCS)}


def test_the_changelog_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert "## [Unreleased]" in text
    assert f"## [{__version__}]" in text


def test_the_readme_shows_a_small_picture_that_is_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    pictures = re.findall(r"!\[[^\]]+\]\((docs/pictures/[^)]+)\)", text)

    assert pictures
    for picture in pictures:
        data = (ROOT / picture).read_bytes()
        assert len(data) < BIGGEST_PICTURE
        assert sniff(data)
