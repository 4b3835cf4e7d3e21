"""Where OpenAI's API is served, and which model serves a call: ours by their ids, OpenAI's by a
successor of ours.

Code written for OpenAI names ``gpt-image-1`` or ``dall-e-3``. With ``compatibility`` helpful those
are served by the model below, and the answer's headers say so; strict knows no such model
(docs/decisions/0015-openai-images.md). A route that names one of them takes it where it leads.
"""

import re
from collections.abc import Mapping
from typing import Final

from pisang.admission.via import Via
from pisang.catalog.models import Resolution
from pisang.core.errors import ModelNotFound
from pisang.gateway import Answer, Gateway
from pisang.surfaces.addresses import LAYER
from pisang.surfaces.asking import served_by

DEFAULT_MODEL: Final = "gemini-3.1-flash-image"
"""Serves who names no model, or one of OpenAI's."""


BASES: Final = ("/v1", f"/{LAYER}")
"""OpenAI's own base, and that of Google's layer, whose routes have a path parameter ``layer``."""

_GENERATE: Final = Via()
_OPENAIS: Final = re.compile(r"(?:gpt-image|dall-e|chatgpt-image)(?:-[a-z0-9.-]{1,40})?")


def is_openais(name: str) -> bool:
    """Whether this is how OpenAI calls a model, so that one of ours can stand in for it."""
    return _OPENAIS.fullmatch(name) is not None


def meant(gateway: Gateway, asked: str | None) -> str:
    """The model to look for a route with: one of OpenAI's names means a model of ours, unless a
    route is for that name in particular."""
    name = (asked or "").strip().removeprefix("models/")
    if not name:
        return DEFAULT_MODEL
    if gateway.catalog.get(bare := name.removeprefix("google/")):
        return bare
    ours = not gateway.rules.strict_models and is_openais(name)
    return DEFAULT_MODEL if ours and not gateway.router.names(name) else name


def particular(gateway: Gateway, asked: str | None) -> str:
    """One of OpenAI's names that a route is for in particular; empty for any other."""
    name = meant(gateway, asked)
    return name if is_openais(name) and gateway.router.names(name) else ""


def headers(found: Resolution, answer: Answer, more: str = "") -> Mapping[str, str]:
    """The headers of an answer: ``found`` knows what a name of OpenAI's stands for; the answer, who
    really drew."""
    stands_in = None if answer.run.foreign else found.notice
    notices = dict.fromkeys(filter(None, (stands_in, answer.notice, more)))
    return served_by(answer.model, " ".join(notices) or None, answer.served)


def resolve(gateway: Gateway, asked: str | None, *, via: Via = _GENERATE) -> Resolution:
    """The model for a name, or for none. Raises ``ModelNotFound`` with OpenAI's sentence, and the
    ids there are."""
    if not asked:
        return gateway.find(DEFAULT_MODEL, via=via)
    name = asked.strip().removeprefix("models/")
    if not gateway.rules.strict_models and is_openais(name):
        found = gateway.find(DEFAULT_MODEL, via=via)
        notice = f"{name} is a model of OpenAI's; served by models/{found.card.id}."
        return Resolution(found.card, asked, notice)
    try:
        return gateway.find(name, via=via)
    except ModelNotFound as error:
        ids = ", ".join(card.id for card in gateway.catalog.living(surface=via.surface))
        raise ModelNotFound(
            f"The model '{name[:128]}' does not exist here. Models: {ids}.", field="model"
        ) from error
