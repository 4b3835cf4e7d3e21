"""What an answer of Google's tells in passing: usage, finish reason, version, tier, pictures.

Every chunk of a stream repeats ``usageMetadata``, the later the fuller; a field that was told once
stays told. Pictures are counted by their parts, wherever these stand; one that is marked as a
thought is a draft and does not count (surfaces contract, section 3).
"""

import re
from typing import Final

from pisang.core.events import FinishReason
from pisang.wire.fields import Fields, Reading, camel
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
        self._images = 0
        self._answered = False
        self._blocked = False

    def take(self, value: dict[str, object]) -> None:
        """Notes one answer, or one event of it."""
        root = Fields(value, path="", reading=Reading())
        self._version = root.text("model_version") or self._version
        candidates = root.nested_list("candidates", kind="Candidate")
        self._answered = self._answered or bool(candidates)
        for candidate in candidates:
            self._images += _pictures(candidate.nested("content", kind="Content"))
        if candidates:
            self._reason = response.finish_reason(candidates[0]) or self._reason
            self._message = candidates[0].text("finish_message") or self._message
        feedback = root.nested("prompt_feedback", kind="PromptFeedback")
        if feedback and (reason := response.block_reason(feedback)):
            self._reason, self._blocked = reason, not self._answered
            self._message = feedback.text("block_reason_message")
        self._note_usage(root.take("usage_metadata"))

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
        tier = text_of(self._usage.get("serviceTier")) or text_of(self._usage.get("trafficType"))
        counts = Fields(dict(self._usage), path="usage_metadata", reading=Reading())
        return Tapped(
            usage=usage.read(counts, images=self._images) if self._usage else None,
            reason=self._reason,
            message=self._message,
            model_version=self._version,
            images=self._images,
            tier=tier,
            blocked=self._blocked,
            whole=whole,
        )

    def _note_usage(self, value: object) -> None:
        if isinstance(value, dict):
            self._usage |= {camel(name): v for name, v in value.items() if v is not None}


def _pictures(content: Fields | None) -> int:
    parts = content.nested_list("parts", kind="Part", lone=True) if content else []
    return sum(part.has("inline_data") and part.take("thought") is not True for part in parts)
