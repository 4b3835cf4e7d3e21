"""Who is asking, already verified: the project, and the key or account they came in with."""

from dataclasses import dataclass
from enum import StrEnum

from pisang.core.terms import FREELY, Terms


class ChatImages(StrEnum):
    """Where the pictures of an OpenAI chat answer stand: what a client can read differs."""

    IMAGES = "images"
    MARKDOWN = "markdown"
    DATA_URL = "data-url"


class Allowance(StrEnum):
    """What a key may do beyond making pictures."""

    FAULTS = "faults"  # ask for faults by the header x-pisang-fault
    ADMIN = "admin"  # everything at /admin/v1, for all projects: the operator's own


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What a key is limited to; empty is anything. ``models`` and ``engines`` may be globs,
    ``surfaces`` are those of settings (``gemini_api``, ``vertex``, ``openai``) and ``admin``,
    ``referrers`` are patterns of addresses of web pages as Google has them, ``addresses`` networks
    (CIDR)."""

    models: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    referrers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


UNRESTRICTED = Restrictions()


@dataclass(frozen=True, slots=True)
class Caller:
    """``project_id`` is what limits and money count for; ``key_id`` only says which key (or service
    account) it was. Google's addresses name the project by ``project_name`` or ``project_number``.
    ``locations`` are where its requests may go (empty: anywhere), ``fault`` is one that all of its
    answers have. ``terms`` are those of the key in its project. ``audits_prompts`` is whether its
    prompts may stand in the audit log. ``may_generate`` is false for a service account whose role
    lets it look only.
    """

    project_id: str
    key_id: str
    project_name: str = ""
    project_number: str = ""
    chat_images: ChatImages = ChatImages.IMAGES
    allowed: frozenset[Allowance] = frozenset()
    locations: tuple[str, ...] = ()
    fault: str = ""
    restrictions: Restrictions = UNRESTRICTED
    terms: Terms = FREELY
    audits_prompts: bool = False
    may_generate: bool = True

    @property
    def names(self) -> frozenset[str]:
        """How their project may be called."""
        return frozenset({self.project_id, self.project_name, self.project_number} - {""})

    def may_name(self, project: str) -> bool:
        """Whether this is how their own project is called in an address."""
        return project in self.names
