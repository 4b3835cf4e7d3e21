"""Makes engines of ``[engines.NAME]`` with ``kind = "openai"``: the profile, and single words of it
that an operator changes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from pisang.engines import registry
from pisang.engines.base import Engine
from pisang.engines.openai.engine import OpenAIEngine
from pisang.engines.openai.links import Links
from pisang.engines.openai.profiles import PROFILES, Profile
from pisang.engines.registry import Config, ConfigError, Means
from pisang.engines.upstream import Client
from pisang.wire.openai.words import ChatWords, ImageWords, Shape

Words = TypeVar("Words", ImageWords, ChatWords)

FIELDS: Final = ("api_keys", "base_url", "location", "profile")
OPTIONS: Final = ("ca_file", "extra", "hosts", "shape", "sizes", "stream")
_SIZE: Final = re.compile(r"[1-9][0-9]{1,4}x[1-9][0-9]{1,4}")
_OPENAIS_HOST: Final = "api.openai.com"


def build(config: Config, means: Means) -> Sequence[Engine]:
    """A member for each key, or one without a key where the profile needs none."""
    del means
    registry.allow(config, fields=FIELDS, options=OPTIONS)
    profile = _changed(config, _profile(config))
    if profile.keyed and not config.api_keys:
        raise ConfigError("api_keys", 'Give it a key: api_keys = ["env:OPENAI_API_KEY"].')
    base = _base_url(config, profile)
    try:
        links = Links(base, _texts(config, "hosts"))
    except ValueError as error:
        raise ConfigError("hosts", f"hosts has an entry that cannot be read: {error}.") from error
    client = Client(ca_file=registry.ca_file(config))
    return [
        OpenAIEngine(config.name, key, client, links, base_url=base, profile=profile)
        for key in config.api_keys or ("",)
    ]


def _profile(config: Config) -> Profile:
    """The profile that is named; without a name OpenAI itself, or at another address a relay."""
    elsewhere = config.base_url and urlsplit(config.base_url).hostname != _OPENAIS_HOST
    name = config.profile or ("images" if elsewhere else "openai")
    if name not in PROFILES:
        raise ConfigError("profile", f"There is no profile {name!r}: use {', '.join(PROFILES)}.")
    return PROFILES[name]


def _base_url(config: Config, profile: Profile) -> str:
    """The address, with OpenAI's version where it names a host only."""
    if not (config.base_url or profile.base_url):
        raise ConfigError(
            "base_url",
            f"The profile {profile.name} is for servers elsewhere: say where yours is, as in "
            'base_url = "https://relay.example/v1".',
        )
    base = registry.base_url(config, profile.base_url)
    return base if urlsplit(base).path else f"{base}/v1"


def _changed(config: Config, profile: Profile) -> Profile:
    """The profile with the words that the options change."""
    images = profile.images and _with_extra(config, _with_shape(config, profile.images))
    chat = profile.chat and _with_extra(config, _with_shape(config, profile.chat))
    sizes = _texts(config, "sizes")
    if wrong := [size for size in sizes if not _SIZE.fullmatch(size)]:
        raise ConfigError("sizes", f'sizes are pixels, as in "1024x1024", not {wrong[0]!r}.')
    if sizes and images is None:
        raise ConfigError("sizes", f"The profile {profile.name} has a chat, which has no sizes.")
    if sizes and images is not None:
        images = replace(images, shape=Shape.SIZES, sizes=sizes)
    if "stream" in config.options:
        if chat is None:
            raise ConfigError("stream", f"The profile {profile.name} has no chat to stream.")
        chat = replace(chat, stream=registry.flag(config, "stream"))
    return replace(profile, images=images, chat=chat)


def _with_shape(config: Config, words: Words) -> Words:
    said = registry.text(config, "shape")
    if not said:
        return words
    known = [shape.value for shape in Shape if shape is not Shape.SIZES]
    if said not in known:
        raise ConfigError("shape", f"shape is one of {', '.join(known)}, not {said!r}.")
    return replace(words, shape=Shape(said))


def _with_extra(config: Config, words: Words) -> Words:
    """What goes into every request as it stands."""
    extra: Any = config.options.get("extra", {})
    if not isinstance(extra, Mapping):
        raise ConfigError("extra", "extra is a table of fields, as in { guidance_scale = 4.0 }.")
    try:
        plain = json.loads(json.dumps(dict(extra), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ConfigError("extra", f"extra cannot be written as JSON: {error}.") from error
    return replace(words, extra=plain)


def _texts(config: Config, name: str) -> tuple[str, ...]:
    found = config.options.get(name, ())
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) for each in found):
        raise ConfigError(name, f"{name} has to be a list of strings.")
    return tuple(found)
