"""What an answer in OpenAI's dialect tells in passing: of the image API or of a chat, whole or not.

A relay puts pictures wherever it likes (see ``chat_results.py``), some into two places at once: of
``images`` and ``content`` of one message, the place that has more counts. What is kept of a text is
no more than the begin of a picture's Markdown, which a stream may cut anywhere.
"""

import re
from collections.abc import Mapping
from typing import Final

from pisang.core.events import FinishReason, Usage
from pisang.wire.openai.image_answers import added
from pisang.wire.openai.results import read_reason, read_tier, read_usage
from pisang.wire.taps import Scraps, Tapped, Watch, text_of

_CONTENT: Final = re.compile(
    rb'"(?:b64_json|url|image_url)"\s*:\s*["{]|"images"\s*:\s*\[\s*[{"]'
    rb'|"(?:content|text|refusal|reasoning|reasoning_content)"\s*:\s*"[^"]'
)
_PICTURE: Final = re.compile(
    r"data:image/[a-z0-9.+-]{1,20}(?:;[a-z0-9=_.+-]{1,40}){0,2};base64,|!\[[^\]\n]{0,200}\]\(\s{0,4}<?https?://"
)
_LOOK_BACK: Final = 256


class Tap(Watch):
    """Watches one answer; ``each`` is the tokens of one picture by the catalog, for servers that
    tell one sum only."""

    def __init__(self, *, each: int = 0) -> None:
        super().__init__(_Notes(each))


class _Notes:
    content = _CONTENT

    def __init__(self, each: int) -> None:
        self._each = each
        self._parts = 0  # pictures that are values of their own
        self._shown = 0  # pictures inside a text
        self._said: dict[object, str] = {}  # the end of the text of each choice
        self._usage: Mapping[str, object] = {}
        self._made: list[Usage] = []
        self._reason: FinishReason | None = None
        self._refusal = ""
        self._version = ""
        self._id = ""
        self._tier = ""

    def take(self, value: dict[str, object]) -> None:
        """Notes one answer, or one event of it."""
        self._version = text_of(value.get("model")) or self._version
        self._id = self._id or text_of(value.get("id"))
        self._tier = read_tier(value) or self._tier
        if isinstance(data := value.get("data"), list):
            self._parts += sum(isinstance(item, dict) and _is_drawn(item) for item in data)
            self._reason = FinishReason.STOP if self._parts else FinishReason.NO_IMAGE
        if "b64_json" in value and _is_completed(value):
            self._parts += 1
            self._reason = FinishReason.STOP
            usage = read_usage(value, images=1, each=self._each)
            self._made += [usage] if usage else []
        elif any(value.get(name) for name in ("usage", "usageMetadata", "usage_metadata")):
            self._usage = value
        choices = value.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                self._take_choice(choice)

    def salvage(self, scraps: Scraps) -> None:
        """Notes what stands whole in an answer that cannot be read."""
        if isinstance(usage := scraps.last("usage"), dict):
            self._usage = {"usage": usage}
        if said := scraps.words("finish_reason"):
            self._reason = read_reason(said)
        self._version = scraps.words("model") or self._version
        self._parts += scraps.count("b64_json", "image_url")

    def ended(self) -> bool:
        """A stream ends with a finish reason, or with a picture that is complete."""
        return self._reason is not None

    def told(self, *, whole: bool) -> Tapped:
        """Everything that was noted."""
        images = max(self._parts, self._shown)
        reason = self._reason
        if reason is FinishReason.STOP and self._refusal and not images:
            reason = FinishReason.IMAGE_SAFETY
        usage = read_usage(self._usage, images=images, each=self._each)
        silent = not (images or self._refusal or any(self._said.values()))
        return Tapped(
            usage=added(self._made) if self._made else usage,
            reason=reason,
            message=self._refusal or None,
            model_version=self._version,
            images=images,
            tier=self._tier,
            whole=whole and bool(images or self._said or reason),
            response_id=self._id,
            empty=silent and reason in (FinishReason.STOP, FinishReason.NO_IMAGE),
        )

    def _take_choice(self, choice: dict[str, object]) -> None:
        if said := choice.get("finish_reason"):
            self._reason = read_reason(said, choice.get("native_finish_reason"))
        for name in ("message", "delta"):
            message = choice.get(name)
            if not isinstance(message, dict):
                continue
            self._refusal += text_of(message.get("refusal"))
            images, content = message.get("images"), message.get("content")
            self._parts += len(images) if isinstance(images, list) else 0
            if isinstance(content, str):
                self._look_in(content, choice.get("index"))
            for item in content if isinstance(content, list) else ():
                if isinstance(item, dict):
                    self._shown += _is_picture(item)
                    self._look_in(text_of(item.get("text")), choice.get("index"))

    def _look_in(self, text: str, index: object) -> None:
        before = self._said.get(str(index), "")
        found = _PICTURE.finditer(before + text)
        self._shown += sum(match.end() > len(before) for match in found)
        self._said[str(index)] = (before + text)[-_LOOK_BACK:]


def _is_drawn(item: Mapping[str, object]) -> bool:
    return any(isinstance(item.get(name), str) for name in ("b64_json", "url"))


def _is_completed(value: Mapping[str, object]) -> bool:
    """Whether an event has the picture itself; some servers say so in its name only."""
    kind = text_of(value.get("type"))
    return kind.endswith(".completed") if kind else "partial_image_index" not in value


def _is_picture(item: Mapping[str, object]) -> bool:
    return any(item.get(name) for name in ("image_url", "b64_json"))
