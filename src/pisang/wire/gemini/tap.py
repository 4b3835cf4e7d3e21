"""What an answer of Google's tells in passing: usage, finish reason, version, tier, pictures.

Every chunk of a stream repeats ``usageMetadata``, the later the fuller; a field that was told once
stays told. Pictures are counted by their parts, wherever these stand; one that is marked as a
thought is a draft and does not count (surfaces contract, section 3).
"""

import re
from typing import Final

from pisang.core.events import FinishReason
from pisang.wire.fields import camel
from pisang.wire.gemini import response, usage
from pisang.wire.gemini.schema import FINISH_REASONS
from pisang.wire.taps import Scraps, Tapped, Watch, text_of

_CONTENT: Final = re.compile(
    rb'"(?:inlineData|inline_data|fileData|file_data)"\s*:\s*\{|"text"\s*:\s*"[^"]'
    rb'|"(?:finishReason|finish_reason|blockReason|block_reason)"\s*:\s*["\d]'
)


class Tap(Watch):
    """Watches the answer to a ``generateContent``, whole, as a JSON array or as a stream."""

    def __init__(self) -> None:
        super().__init__(_Notes())


class _Notes:
    content = _CONTENT

    def __init__(self) -> None:
        self._usage: dict[str, object] = {}
        self._reason: FinishReason | None = None
        self._message: str | None = None
        self._version = ""
        self._id = ""
        self._images = 0
        self._searches = 0
        self._answered = False
        self._fed_back = False
        self._blocked = False

    def take(self, value: dict[str, object]) -> None:
        """Notes one answer, or one event of it."""
        self._version = text_of(_under("model_version", value)) or self._version
        self._id = self._id or text_of(_under("response_id", value))
        candidates = _objects(_under("candidates", value))
        self._answered = self._answered or bool(candidates)
        for candidate in candidates:
            self._images += _pictures(_under("content", candidate))
        if candidates:
            first = candidates[0]
            self._reason = response.reason_of(_under("finish_reason", first)) or self._reason
            self._message = text_of(_under("finish_message", first)) or self._message
            searched = usage.searched(_under("grounding_metadata", first))
            self._searches = max(self._searches, searched)
        told = _under("prompt_feedback", value)
        self._fed_back = self._fed_back or bool(told)
        if isinstance(told, dict) and (reason := response.block_of(_under("block_reason", told))):
            self._reason, self._blocked = reason, not self._answered
            self._message = text_of(_under("block_reason_message", told)) or None
        self._note_usage(_under("usage_metadata", value))

    def salvage(self, scraps: Scraps) -> None:
        """Notes what stands whole in an answer that cannot be read."""
        self._note_usage(scraps.last("usageMetadata", "usage_metadata"))
        said = scraps.words("finishReason", "finish_reason")
        if said:
            self._reason = FINISH_REASONS.get(said, FinishReason.OTHER)
            self._message = scraps.words("finishMessage", "finish_message") or self._message
        self._version = scraps.words("modelVersion", "model_version") or self._version
        self._images += scraps.count("inlineData", "inline_data")

    def ended(self) -> bool:
        """A stream ends with a finish reason, or with why the prompt was refused."""
        return self._reason is not None

    def told(self, *, whole: bool) -> Tapped:
        """Everything that was noted."""
        tier = usage.tier(self._usage)
        used = None
        if self._usage:
            used = usage.read(self._usage, images=self._images, searches=self._searches)
        return Tapped(
            usage=used,
            reason=self._reason,
            message=self._message,
            model_version=self._version,
            images=self._images,
            tier=tier,
            blocked=self._blocked,
            whole=whole,
            response_id=self._id,
            empty=not (self._answered or self._fed_back or self._images or self._reason),
        )

    def _note_usage(self, value: object) -> None:
        if isinstance(value, dict):
            self._usage |= {name: v for name, v in value.items() if v is not None}


def _pictures(content: object) -> int:
    parts = _under("parts", content) if isinstance(content, dict) else None
    return sum(
        _under("inline_data", part) is not None and part.get("thought") is not True
        for part in _objects([parts] if isinstance(parts, dict) else parts)
    )


def _under(name: str, value: dict[str, object]) -> object:
    """What stands under a name, in either spelling. Nobody is told what is wrong with an answer, so
    the reader that knows all paths would only take time."""
    found = value.get(camel(name))
    return value.get(name) if found is None else found


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
