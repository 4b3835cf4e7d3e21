"""What an answer of Imagen's tells in passing: how many pictures there are, and why not more.

Imagen counts no tokens: it is paid by the picture. A picture that was filtered is left out, or has
its reason in its place; where all are, the answer is ``{}`` (surfaces contract, section 5).
"""

import re
from typing import Final

from pisang.core.events import FinishReason, Usage
from pisang.wire.fields import Fields, Reading
from pisang.wire.taps import Scraps, Tapped, Watch

_CONTENT: Final = re.compile(
    rb'"(?:bytesBase64Encoded|bytes_base64_encoded|gcsUri|gcs_uri|raiFilteredReason'
    rb'|rai_filtered_reason)"\s*:'
)
_PICTURES: Final = ("bytes_base64_encoded", "gcs_uri")


class Tap(Watch):
    """Watches the answer to a ``predict``."""

    def __init__(self) -> None:
        super().__init__(_Notes())


class _Notes:
    content = _CONTENT

    def __init__(self) -> None:
        self._images = 0
        self._message: str | None = None
        self._version = ""
        self._read = False

    def take(self, value: dict[str, object]) -> None:
        """Notes the answer."""
        self._read = True
        root = Fields(value, path="", reading=Reading())
        for prediction in root.nested_list("predictions", kind="Prediction"):
            self._images += any(prediction.has(name) for name in _PICTURES)
            self._message = prediction.text("rai_filtered_reason") or self._message
        self._version = (root.text("model") or "").rpartition("models/")[2]

    def salvage(self, scraps: Scraps) -> None:
        """Notes what stands whole in an answer that cannot be read."""
        self._images += scraps.count("bytesBase64Encoded", "gcsUri")

    def ended(self) -> bool:
        """It is never streamed."""
        return False

    def told(self, *, whole: bool) -> Tapped:
        """Everything that was noted."""
        reason = FinishReason.STOP if self._images else FinishReason.IMAGE_SAFETY
        return Tapped(
            usage=Usage(images=self._images) if self._read or self._images else None,
            reason=reason if self._read else None,
            message=self._message,
            model_version=self._version,
            images=self._images,
            whole=whole,
        )
