"""One request for an image, as every dialect is decoded to and every engine understands it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pisang.core.content import Content, Part


class Modality(StrEnum):
    """What an answer may hold."""

    TEXT = "TEXT"
    IMAGE = "IMAGE"
    AUDIO = "AUDIO"


class ServiceTier(StrEnum):
    """How urgent the work is, and so what it costs."""

    STANDARD = "standard"
    FLEX = "flex"
    PRIORITY = "priority"
    BATCH = "batch"


class ThinkingLevel(StrEnum):
    MINIMAL = "MINIMAL"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    XHIGH = "XHIGH"


class Tool(StrEnum):
    """A tool the caller offers to the model, by its snake_case wire name."""

    GOOGLE_SEARCH = "google_search"
    GOOGLE_SEARCH_RETRIEVAL = "google_search_retrieval"
    IMAGE_SEARCH = "image_search"
    CODE_EXECUTION = "code_execution"
    FUNCTION_DECLARATIONS = "function_declarations"
    URL_CONTEXT = "url_context"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """The picture's form as the caller spelled it; the catalog card says if the model can do it.

    ``mime_type`` and ``quality`` (0-100) are set where the dialect lets a caller choose the codec.
    """

    aspect_ratio: str | None = None
    image_size: str | None = None
    person_generation: str | None = None
    prominent_people: str | None = None
    mime_type: str | None = None
    quality: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    include_thoughts: bool = False
    level: ThinkingLevel | None = None
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class SafetySetting:
    category: str
    threshold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Sampling controls as the caller gave them; admission checks their ranges."""

    seed: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    candidate_count: int | None = None
    max_output_tokens: int | None = None
    stop_sequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownField:
    """A name on the wire that the dialect does not know: engines of ours refuse it, an upstream
    of the same dialect gets it. ``path`` is the snake_case path of the object that holds it."""

    path: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """What to make. ``model`` is the id as the caller wrote it, without ``models/``.

    ``modalities`` is empty when the caller did not say (image models then answer text and image).
    ``deadline`` is in seconds from the arrival of the request (``X-Server-Timeout``).
    """

    model: str
    contents: tuple[Content, ...]
    system_instruction: Content | None = None
    modalities: frozenset[Modality] = frozenset()
    image: ImageConfig = ImageConfig()
    thinking: Thinking = Thinking()
    sampling: Sampling = Sampling()
    safety: tuple[SafetySetting, ...] = ()
    tools: frozenset[Tool] = frozenset()
    response_mime_type: str | None = None
    service_tier: ServiceTier | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[UnknownField, ...] = ()
    deadline: float | None = None

    def wants(self, modality: Modality) -> bool:
        """Whether the answer should hold this; image models answer text and image by default."""
        if not self.modalities:
            return modality in (Modality.TEXT, Modality.IMAGE)
        return modality in self.modalities

    def parts(self) -> Iterator[tuple[str, Part]]:
        """Every part of every content, with its snake_case field path."""
        for turn, content in enumerate(self.contents):
            for index, part in enumerate(content.parts):
                yield f"contents[{turn}].parts[{index}]", part
