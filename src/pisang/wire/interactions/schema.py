"""The words of the Interactions dialect as tables, and how a client's generation is told.

Google changed this API in May 2026: an answer was a flat list of ``outputs`` and became a timeline
of ``steps``; the events of a stream were renamed with it. Clients made before (version 1 of
google-genai, for Python and JavaScript) read only the first, later ones only the second. Google
served both for a month, by the ``Api-Revision`` header and the version of the client; we go on
(docs/decisions/0017-interactions.md). Source of the words: surfaces contract, section 8.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pisang.core.events import FinishReason
from pisang.core.request import Modality, ServiceTier, ThinkingLevel, Tool
from pisang.wire.gemini import schema as gemini


class Generation(StrEnum):
    """Which form of an answer a client reads."""

    STEPS = "steps"
    OUTPUTS = "outputs"


class Status(StrEnum):
    """How an interaction stands; Google has more words, for agents and tools."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"


STEPS_SINCE: Final = "2026-05-20"
_REVISION: Final = re.compile(r"20\d\d-\d\d-\d\d")
_OLD_CLIENT: Final = re.compile(r"\bgoogle-genai-sdk/[01]\.|\bGeminiNextGenAPI\w*/")


def generation_of(headers: Mapping[str, str]) -> Generation:
    """The form that the sender of these headers (names in lower case) reads: as ``Api-Revision``
    says, else outputs for version 1 of Google's clients, else steps."""
    revision = headers.get("api-revision", "").strip()
    if _REVISION.fullmatch(revision):
        return Generation.STEPS if revision >= STEPS_SINCE else Generation.OUTPUTS
    names = f"{headers.get('user-agent', '')} {headers.get('x-goog-api-client', '')}"
    return Generation.OUTPUTS if _OLD_CLIENT.search(names) else Generation.STEPS


MODALITIES: Final[Mapping[str, Modality]] = gemini.MODALITIES
THINKING_LEVELS: Final[Mapping[str, ThinkingLevel]] = gemini.THINKING_LEVELS
SUMMARIES: Final[Mapping[str, bool]] = {"AUTO": True, "NONE": False}
SERVICE_TIERS: Final[Mapping[str, ServiceTier]] = gemini.SERVICE_TIERS
DELIVERIES: Final[Mapping[str, str]] = {"INLINE": "inline", "URI": "uri"}
HARM_CATEGORIES: Final[Mapping[str, str]] = {
    name.removeprefix("HARM_CATEGORY_"): name for name in gemini.HARM_CATEGORIES
}
THRESHOLDS: Final[Mapping[str, str]] = gemini.THRESHOLDS

TOOLS: Final[Mapping[str, Tool]] = {
    "code_execution": Tool.CODE_EXECUTION,
    "function": Tool.FUNCTION_DECLARATIONS,
    "url_context": Tool.URL_CONTEXT,
}
SEARCHES: Final[Mapping[str, Tool]] = {
    "web_search": Tool.GOOGLE_SEARCH,
    "image_search": Tool.IMAGE_SEARCH,
}

MEDIA: Final = ("audio", "video", "document")
"""Contents that no image model reads."""


IDLE_FIELDS: Final = ("agent_config",)
IDLE_CONFIG_FIELDS: Final = (
    "speech_config",
    "tool_choice",
    "transcription_config",
    "video_config",
)
# What an agent, or a server with web hooks, would take: well known, and not served.
UNSERVED_FIELDS: Final[Mapping[str, str]] = {
    "cached_content": "image models read no cached contents; send them in input.",
    "continuation_token": "no answer of pisang has to be continued, so it gives no such token.",
    "environment": "an environment is for agents, and pisang serves models.",
    "webhook_config": "no web hook is called; ask for the interaction again with GET.",
}

NAMES_HERE: Final[Mapping[str, str]] = {
    "generation_config.image_config.image_output_options": "{form}",
    "generation_config.image_config": "{form}",
    "generation_config.response_modalities": "response_modalities",
    "generation_config.response_mime_type": "response_mime_type",
    "generation_config.thinking_config.include_thoughts": "generation_config.thinking_summaries",
    "generation_config.thinking_config": "generation_config",
    ".file_data": ".uri",
}
"""What generateContent calls a field -> its name here, for errors of whoever reads the request
after it was decoded; the first that fits counts."""

# How an interaction ends by what the model said at its end. A refusal is no completed interaction:
# it has no picture, and `errors` says why.
ENDS: Final[Mapping[FinishReason, Status]] = {
    FinishReason.STOP: Status.COMPLETED,
    FinishReason.MAX_TOKENS: Status.INCOMPLETE,
    FinishReason.NO_IMAGE: Status.INCOMPLETE,
}
