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

    ``mime_type`` and ``quality`` (0-100) are set where the dialect lets a caller choose the codec,
    ``transparent`` where it lets them leave the ground out.
    """

    aspect_ratio: str | None = None
    image_size: str | None = None
    person_generation: str | None = None
    prominent_people: str | None = None
    mime_type: str | None = None
    quality: int | None = None
    transparent: bool = False


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


class EditMode(StrEnum):
    """What becomes of the part of a picture that may be changed."""

    FREE = "free"  # what the prompt says: change it ("make it blue"), or draw something there
    INSERT = "insert"  # the prompt's things stand there
    REMOVE = "remove"  # what is there goes away, and its surroundings close over it
    EXTEND = "extend"  # the picture goes on there, beyond its old edge
    BACKGROUND = "background"  # the prompt's scene lies there, behind what is kept
    WEAR = "wear"  # the person of the picture wears the garments


class Marks(StrEnum):
    """How a mask says what may be changed."""

    LIGHT = "light"  # white may be changed, black is kept (Imagen)
    HOLES = "holes"  # the transparent may be changed, the opaque is kept (OpenAI)


class AutoMask(StrEnum):
    """What may be changed where no mask was drawn, to be found by whoever edits."""

    FOREGROUND = "foreground"
    BACKGROUND = "background"
    SEMANTIC = "semantic"  # the classes of ``Mask.classes``


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """Which part of the picture an edit may change; everything else keeps its pixels.

    The mask itself is a picture: a part of the contents with ``use=Use.MASK``, stretched to the
    picture where it has another size. ``auto`` stands in for one that was not sent. ``dilation``
    widens it, as a share of the picture's long side. ``classes`` are Google's numbers of things.
    """

    marks: Marks = Marks.LIGHT
    auto: AutoMask | None = None
    dilation: float = 0.0
    classes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edit of the first picture of the last user turn that has no ``use`` of its own.

    Without a ``mask`` the whole picture may be changed.
    """

    mode: EditMode = EditMode.FREE
    mask: Mask | None = None


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
    ``edit`` and ``upscale`` (a factor) say what to do with the first picture, in dialects that have
    a word for it; ``negative`` is what not to show. ``previews`` is how many unfinished states of
    the picture a stream may show.
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
    edit: Edit | None = None
    upscale: int | None = None
    negative: str | None = None
    previews: int = 0
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
