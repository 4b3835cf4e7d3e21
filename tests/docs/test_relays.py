"""The settings that the page about relays shows can be used as they stand."""

import re
import tomllib

import pytest

from pisang.core.errors import SettingsError
from pisang.engines import registry
from pisang.engines.openai.build import OPTIONS
from pisang.engines.openai.profiles import PROFILES
from pisang.engines.registry import Config, Means
from pisang.routing import read
from pisang.routing.read import Written
from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "how-to" / "relays.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_makes_a_table_and_its_engines(example: str) -> None:
    told = tomllib.loads(example)
    table = read.table(Written("the page", told["engines"], told["routes"]))
    for spec in table.engines.values():
        config = Config(
            name=spec.name,
            api_keys=tuple("key" for _ in spec.api_keys),
            base_url=spec.base_url,
            profile=spec.profile,
            options=spec.options,
        )
        assert registry.build(spec.kind, config, Means(secret=b"s"))


def test_there_are_examples_for_every_kind_of_server() -> None:
    assert len(EXAMPLES) >= 4
    with pytest.raises(SettingsError):
        read.table(Written("", {"relay": {"kind": "openai", "price": "cheap"}}, []))


def test_the_page_tells_every_profile_and_every_option() -> None:
    assert all(f"`{name}`" in PAGE for name in (*PROFILES, *OPTIONS))
