"""The words of Google's dialect as tables: enum names, their numbers, fields that have no effect.

Source: surfaces contract, sections 2 and 3. Numbers are those of the public protos; clients with
``enum-encoding=int`` send them (vertexai 2.7.0 sends ``responseModalities: [1, 2]``). Where the
two Google surfaces differ, the difference is a value of ``Variant``, never a branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pisang.core.content import Role
from pisang.core.events import FinishReason
from pisang.core.request import Modality, ServiceTier, ThinkingLevel, Tool
from pisang.wire.fields import PACKAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What one Google surface reads and writes and another does not.

    ``image_config`` are the snake_case names it takes in ``imageConfig``; others are unknown there.
    ``unserved`` are fields that only this surface knows and pisang does not serve, each with the
    reason. ``most_inline`` is how many bytes one picture in the request may have. In answers,
    ``traffic_types`` replace ``serviceTier``, ``missing_words`` the finish reasons it has no word
    for; ``tells_time`` adds ``createTime``, ``explains_blocks`` a sentence to ``promptFeedback``,
    and ``counts_characters`` what countTokens once counted. ``types`` is where the names of types
    in error messages begin.
    """

    image_config: frozenset[str]
    harm_category_numbers: Mapping[int, str]
    safety_method: bool = False
    unserved: Mapping[str, str] = field(default_factory=dict)
    most_inline: int | None = None
    instances: bool = False
    traffic_types: Mapping[ServiceTier, str] = field(default_factory=dict)
    missing_words: Mapping[FinishReason, FinishReason] = field(default_factory=dict)
    tells_time: bool = False
    explains_blocks: bool = False
    types: str = f"type.googleapis.com/{PACKAGE}."
    counts_characters: bool = False


DEVELOPER: Final = Variant(
    image_config=frozenset({"aspect_ratio", "image_size", "person_generation"}),
    harm_category_numbers={
        7: "HARM_CATEGORY_HARASSMENT",
        8: "HARM_CATEGORY_HATE_SPEECH",
        9: "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        10: "HARM_CATEGORY_DANGEROUS_CONTENT",
        11: "HARM_CATEGORY_CIVIC_INTEGRITY",
    },
)

ROLES: Final[Mapping[str, Role]] = {"": Role.USER, "user": Role.USER, "model": Role.MODEL}

MODALITIES: Final[Mapping[str, Modality]] = {m.value: m for m in Modality}
MODALITY_NUMBERS: Final[Mapping[int, str]] = {1: "TEXT", 2: "IMAGE", 3: "AUDIO"}

# No public proto of the Developer API gives numbers for the levels; only names are read.
THINKING_LEVELS: Final[Mapping[str, ThinkingLevel]] = {t.value: t for t in ThinkingLevel}

SERVICE_TIERS: Final[Mapping[str, ServiceTier]] = {
    "STANDARD": ServiceTier.STANDARD,
    "FLEX": ServiceTier.FLEX,
    "PRIORITY": ServiceTier.PRIORITY,
}

HARM_CATEGORIES: Final[Mapping[str, str]] = {
    f"HARM_CATEGORY_{name}": f"HARM_CATEGORY_{name}"
    for name in (
        "HARASSMENT",
        "HATE_SPEECH",
        "SEXUALLY_EXPLICIT",
        "DANGEROUS_CONTENT",
        "CIVIC_INTEGRITY",
        "IMAGE_HATE",
        "IMAGE_DANGEROUS_CONTENT",
        "IMAGE_HARASSMENT",
        "IMAGE_SEXUALLY_EXPLICIT",
        "JAILBREAK",
    )
}
THRESHOLD_UNSPECIFIED: Final = "HARM_BLOCK_THRESHOLD_UNSPECIFIED"
THRESHOLD_NUMBERS: Final[Mapping[int, str]] = {
    1: "BLOCK_LOW_AND_ABOVE",
    2: "BLOCK_MEDIUM_AND_ABOVE",
    3: "BLOCK_ONLY_HIGH",
    4: "BLOCK_NONE",
    5: "OFF",
}
HARM_METHODS: Final[Mapping[str, str]] = {name: name for name in ("SEVERITY", "PROBABILITY")}
HARM_METHOD_NUMBERS: Final[Mapping[int, str]] = {1: "SEVERITY", 2: "PROBABILITY"}
THRESHOLDS: Final[Mapping[str, str]] = {name: name for name in THRESHOLD_NUMBERS.values()}

PERSON_GENERATION: Final[Mapping[str, str]] = {
    name: name for name in ("ALLOW_ALL", "ALLOW_ADULT", "ALLOW_NONE", "DONT_ALLOW")
}
PROMINENT_PEOPLE: Final[Mapping[str, str]] = {
    name: name for name in ("ALLOW_PROMINENT_PEOPLE", "BLOCK_PROMINENT_PEOPLE")
}

# responseFormat spells ratios and sizes as enum names; documentation and most callers write them
# plainly. Both are read (section 2.4).
_NUMBER_WORDS: Final = {
    "ONE": 1,
    "TWO": 2,
    "THREE": 3,
    "FOUR": 4,
    "FIVE": 5,
    "EIGHT": 8,
    "NINE": 9,
    "SIXTEEN": 16,
    "TWENTY_ONE": 21,
}
ASPECT_RATIO_NAMES: Final[Mapping[str, str]] = {
    f"ASPECT_RATIO_{wide}_BY_{high}": f"{width}:{height}"
    for wide, width in _NUMBER_WORDS.items()
    for high, height in _NUMBER_WORDS.items()
}
IMAGE_SIZE_NAMES: Final[Mapping[str, str]] = {
    "IMAGE_SIZE_FIVE_TWELVE": "512",
    "IMAGE_SIZE_ONE_K": "1K",
    "IMAGE_SIZE_TWO_K": "2K",
    "IMAGE_SIZE_FOUR_K": "4K",
}
IMAGE_MIME_TYPES: Final[Mapping[str, str]] = {
    "IMAGE_JPEG": "image/jpeg",
    "IMAGE_PNG": "image/png",
    "IMAGE_WEBP": "image/webp",
}

# Words that clients send in place of a signature they have lost (section 3.3). As base64 they
# would decode to noise, so they stand for themselves; the engine accepts them as valid.
SIGNATURE_BYPASSES: Final[Mapping[str, bytes]] = {
    word: word.encode()
    for word in ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
}

TOOLS: Final[Mapping[str, Tool]] = {
    tool.value: tool for tool in Tool if tool not in (Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH)
}
# Tools of Google's that no image model takes.
FOREIGN_TOOLS: Final = (
    "google_maps",
    "file_search",
    "computer_use",
    "mcp_servers",
    "retrieval",
    "enterprise_web_search",
    "parallel_ai_search",
)

# Read and dropped: they steer text, speech or logging, and change no picture.
IDLE_REQUEST_FIELDS: Final = ("store", "tool_config", "continuation_token")
IDLE_CONFIG_FIELDS: Final = (
    "presence_penalty",
    "frequency_penalty",
    "response_logprobs",
    "logprobs",
    "response_schema",
    "response_json_schema",
    "speech_config",
    "media_resolution",
    "audio_timestamp",
    "routing_config",
    "model_selection_config",
    "model_config",
    "enable_enhanced_civic_answers",
    "audio_transcription_config",
)
IDLE_PART_FIELDS: Final = (
    "media_resolution",
    "media_processing",
    "video_metadata",
    "part_metadata",
)
# Parts of an agent's conversation; an image model does not take them.
FOREIGN_PARTS: Final = (
    "function_call",
    "function_response",
    "executable_code",
    "code_execution_result",
    "tool_call",
    "tool_response",
)

FINISH_NUMBERS: Final[Mapping[int, str]] = {
    1: "STOP",
    2: "MAX_TOKENS",
    3: "SAFETY",
    4: "RECITATION",
    5: "OTHER",
    6: "LANGUAGE",
    7: "BLOCKLIST",
    8: "PROHIBITED_CONTENT",
    9: "SPII",
    10: "MALFORMED_FUNCTION_CALL",
    11: "IMAGE_SAFETY",
    14: "IMAGE_PROHIBITED_CONTENT",
    15: "IMAGE_OTHER",
    16: "NO_IMAGE",
    17: "IMAGE_RECITATION",
}
# The words of promptFeedback.blockReason that both surfaces have; another reason is OTHER.
BLOCK_REASONS: Final = frozenset(
    {"SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"}
)
FINISH_REASONS: Final[Mapping[str, FinishReason]] = {f.value: f for f in FinishReason}
