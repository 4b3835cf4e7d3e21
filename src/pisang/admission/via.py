"""The door by which a request came."""

from dataclasses import dataclass
from typing import Final

from pisang.catalog.models import Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Via:
    """Decides which of a model's dates count, and what a refusal names.

    ``method`` is Google's (``generateContent``, ``predict``); ``parent`` is Vertex AI's
    ``projects/P/locations/L``. ``named`` is somebody else's model that one of ours stands in for,
    where a route is for that name in particular.
    """

    surface: Surface = "gemini_api"
    api_version: str = "v1beta"
    method: str = "generateContent"
    parent: str = ""
    named: str = ""

    @property
    def location(self) -> str:
        """The location that the address names; empty where it names none."""
        return self.parent.rpartition("/")[2]


USUAL: Final = Via()
"""The Gemini API's own, by which a picture is asked for."""
