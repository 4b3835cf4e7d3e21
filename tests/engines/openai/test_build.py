"""``kind = "openai"`` in the settings: what makes an engine of it, and what is refused and why."""

from pathlib import Path
from typing import Any

import pytest

from pisang.core.upstream import Dialect
from pisang.engines import registry
from pisang.engines.base import Upstream, server_of
from pisang.engines.openai.engine import OpenAIEngine
from pisang.engines.openai.profiles import PROFILES
from pisang.engines.registry import Config, ConfigError, Means
from pisang.wire.openai.chat_calls import CHAT
from pisang.wire.openai.image_calls import GENERATIONS
from pisang.wire.openai.words import Wanted

MEANS = Means(secret=b"s")
RELAY = "https://relay.example/v1"


def built(**config: Any) -> list[OpenAIEngine]:
    config.setdefault("api_keys", ("sk-1",))
    members = registry.build("openai", Config(name="relay", **config), MEANS)
    assert all(isinstance(member, OpenAIEngine) for member in members)
    return [member for member in members if isinstance(member, OpenAIEngine)]


def refused(**config: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        built(**config)
    return caught.value


def test_every_profile_makes_an_upstream_of_openais_dialect() -> None:
    for name in PROFILES:
        (engine,) = built(profile=name, base_url=RELAY)
        assert isinstance(engine, Upstream)
        assert engine.dialects == {Dialect.OPENAI}
        assert any(engine.takes(method, Wanted()) for method in (CHAT, GENERATIONS))


def test_there_is_a_member_for_each_key_and_all_share_a_name() -> None:
    members = built(api_keys=("sk-1", "sk-2", "sk-3"))
    assert [member.name for member in members] == ["relay"] * 3


def test_a_server_of_ones_own_needs_no_key() -> None:
    assert len(built(api_keys=(), profile="vllm-omni", base_url="http://10.0.0.5:8091")) == 1
    error = refused(api_keys=(), profile="images", base_url=RELAY)
    assert error.field == "api_keys"
    assert "env:OPENAI_API_KEY" in error.sentence


def test_an_unknown_profile_names_those_there_are() -> None:
    error = refused(profile="chat-pictures", base_url=RELAY)
    assert error.field == "profile"
    assert all(name in error.sentence for name in PROFILES)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://relay.example", "https://relay.example/v1"),
        ("https://relay.example/", "https://relay.example/v1"),
        ("https://relay.example/v1/", "https://relay.example/v1"),
        ("https://relay.example/api/openai", "https://relay.example/api/openai"),
    ],
)
def test_an_address_without_a_path_gets_openais_version(address: str, asked: str) -> None:
    (engine,) = built(base_url=address)
    assert engine._base == asked


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("https://relay.example/v1", ("relay.example", 443)),
        ("http://10.0.0.5:8091", ("10.0.0.5", 8091)),
        ("http://[::1]/v1", ("::1", 80)),
    ],
)
def test_traces_are_told_the_host_and_the_port_of_an_address(
    address: str, server: tuple[str, int]
) -> None:
    assert server_of(*built(base_url=address)) == server


def test_a_profile_for_servers_elsewhere_wants_their_address() -> None:
    error = refused(profile="chat-images")
    assert error.field == "base_url"
    assert "relay.example" in error.sentence


def test_without_a_profile_the_address_decides() -> None:
    assert built()[0]._profile.name == "openai"
    assert built(base_url="https://api.openai.com/v1")[0]._profile.name == "openai"
    assert built(base_url=RELAY)[0]._profile.name == "images"


def test_options_change_single_words_of_a_profile() -> None:
    (engine,) = built(
        profile="vllm-omni",
        base_url=RELAY,
        options={"extra": {"num_inference_steps": 8}, "sizes": ["1024x768"]},
    )
    words = engine._profile.images
    assert words is not None
    assert (words.sizes, words.extra) == (("1024x768",), {"num_inference_steps": 8})
    (engine,) = built(
        profile="chat-images", base_url=RELAY, options={"shape": "google", "stream": True}
    )
    assert engine._profile.chat is not None
    assert (engine._profile.chat.shape.value, engine._profile.chat.stream) == ("google", True)


@pytest.mark.parametrize(
    ("field", "config"),
    [
        ("project", {"project": "p"}),
        ("steps", {"options": {"steps": 3}}),
        ("shape", {"options": {"shape": "round"}}),
        ("sizes", {"options": {"sizes": ["big"]}}),
        ("sizes", {"options": {"sizes": "1x1"}}),
        ("sizes", {"profile": "chat-images", "options": {"sizes": ["10x10"]}}),
        ("stream", {"options": {"stream": True}}),
        ("stream", {"profile": "chat-images", "options": {"stream": "yes"}}),
        ("extra", {"options": {"extra": [1]}}),
        ("extra", {"options": {"extra": {"x": Path()}}}),
        ("hosts", {"options": {"hosts": ["http://x/"]}}),
        ("base_url", {"base_url": "relay.example"}),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(field: str, config: dict[str, Any]) -> None:
    error = refused(**{"base_url": RELAY, **config})
    assert error.field == field
    assert error.sentence
