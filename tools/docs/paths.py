"""Every route of the server in the order of a reader: by surface, with one row where the same call
is served at several addresses."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pisang.surfaces import routes
from tools.docs.markdown import code, table

At = tuple[str, str]
"""The method and the path of a route."""

_PLACE: Final = "/{version}/projects/{project}/locations/{location}"
_EXPRESS: Final = "/{version}/publishers/google"


@dataclass(frozen=True, slots=True)
class Section:
    """Routes that belong together. ``begins`` are the beginnings of their paths; ``short`` stands
    for several beginnings under which the same calls are served."""

    title: str
    intro: str
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, path: str) -> bool:
        return path.startswith(self.begins) or path.endswith(self.ends)


# A route belongs to the first section that has it; they are printed in the order of ORDER.
_SECTIONS: Final[Sequence[Section]] = (
    Section(
        "Imagen",
        "`:predict`, at the address of either surface: [guide](../how-to/imagen.md).",
        ends=(":predict",),
        short={"{publisher}": (f"{_PLACE}/publishers/google", _EXPRESS)},
    ),
    Section(
        "Interactions",
        "Conversations that the server keeps: [guide](../how-to/interactions.md).",
        begins=("/{version}/interactions", f"{_PLACE}/interactions"),
        short={"{parent}": (_PLACE, "/{version}")},
    ),
    Section(
        "OpenAI",
        "OpenAI's own API and Google's layer for its clients: [guide](../how-to/openai.md). The "
        "addresses `/v1/models` and `/v1/files` are Google's too: the answer of `/v1/models` suits "
        "both, and at `/v1/files` a bearer token with nothing of Google's beside it means OpenAI.",
        begins=(
            *(f"/v1/{word}" for word in ("images", "chat", "responses", "models", "files")),
            "/{layer}",
            "/{version}/openai",
        ),
        short={"{openai}": ("/v1", "/{layer}", "/{version}/openai")},
    ),
    Section(
        "Files",
        "Google's Files API: [guide](../how-to/files.md).",
        begins=("/upload", "/download", "/{version}/files"),
    ),
    Section(
        "Vertex AI",
        "With a project or, in express mode, without: [guide](../how-to/vertex.md).",
        begins=("/{version}/projects", "/{version}/publishers"),
        short={"{publisher}": (f"{_PLACE}/publishers/google", _EXPRESS)},
    ),
    Section(
        "Gemini API",
        "The Gemini Developer API: [guide](../how-to/google-sdk.md).",
        begins=("/{version}/models", "/{version}/tunedModels"),
    ),
    Section(
        "Signing in",
        "For [service accounts](../how-to/service-accounts.md): the `token_uri` of their files. "
        "For people: an OpenID Connect issuer.",
        begins=("/token", "/revoke", "/oauth2", "/signin"),
    ),
    Section(
        "Admin: who may",
        "Projects and what belongs to them, for their [members](roles.md) and for who runs the "
        "server: an API key, an access token or a sign-in says who asks. Another project's things "
        "look as if they were nowhere. All of `/admin/v1` is in `/admin/v1/openapi.json`.",
        begins=tuple(
            f"/admin/v1/{noun}"
            for noun in ("projects", "keys", "service-accounts", "members", "users", "sessions")
        ),
    ),
    Section(
        "Admin: how much, at what cost",
        "Guides to [limits](../how-to/limits.md), [budgets](../how-to/budgets.md), "
        "[usage](../how-to/usage.md) and the [ledger](../how-to/ledger.md). Amounts are decimal "
        "texts, exact to the nano-dollar.",
        begins=tuple(
            f"/admin/v1/{noun}" for noun in ("limits", "budgets", "usage", "ledger", "hooks")
        ),
    ),
    Section(
        "Admin: who did what, and where requests go",
        "The audit log; engines and routes of a running server: "
        "[guide](../how-to/routes.md#change-routes-while-the-server-runs).",
        begins=("/admin/v1",),
    ),
    Section(
        "Links and probes",
        "No key: a link is one, and [probes](../how-to/serve-others.md#probes) have none.",
        begins=("/assets", "/healthz", "/readyz", "/metrics"),
    ),
)
ORDER: Final = (
    "Gemini API",
    "Vertex AI",
    "Imagen",
    "Interactions",
    "Files",
    "OpenAI",
    "Signing in",
    "Admin: who may",
    "Admin: how much, at what cost",
    "Admin: who did what, and where requests go",
    "Links and probes",
)

# What is said of a route beyond the first sentences of its handler.
_SAID: Final[Mapping[At, str]] = {
    ("GET", "/healthz"): "The process lives: 200.",
    (
        "GET",
        "/readyz",
    ): "The database answers, a charge can be written, the engine takes work: 200, else 503.",
    ("GET", "/metrics"): (
        "For Prometheus: [monitoring](../how-to/monitoring.md); 403 from other networks, or "
        "without the `metrics_token`."
    ),
    ("GET", "/{version}/models"): (
        "The living models; `pageSize` (default 50, at most 1000) and `pageToken`."
    ),
    ("GET", "/{version}/models/{model}"): "One model, under any of its names.",
    ("GET", "/{version}/tunedModels"): "Always an empty list: image models cannot be tuned.",
    ("POST", "/{version}/models/{model}:generateContent"): "Makes a picture; one JSON object.",
    ("POST", "/{version}/models/{model}:streamGenerateContent"): (
        "The same as it comes about: server-sent events with `?alt=sse`, else one JSON array."
    ),
    ("POST", "/{version}/models/{model}:countTokens"): (
        "What the prompt counts as. Makes nothing."
    ),
    ("GET", f"{_PLACE}/publishers/google/models/{{model}}"): (
        "One model; Imagen's ids too, as long as they are drawn, because `vertexai` asks first."
    ),
    (
        "POST",
        "/v1/files",
    ): "Keeps the file of a form; the file may stand before or after its purpose.",
    ("GET", "/v1/files"): "The project's files, newest first.",
    ("GET", "/v1/files/{name}"): "One file object.",
    ("DELETE", "/v1/files/{name}"): "Deletes a file; its bytes too.",
    ("GET", "/v1/models"): "The living models, for both families of clients.",
    ("GET", "/v1/models/{model}"): "One model, for both families of clients.",
}


def served() -> dict[At, str]:
    """Method and path of every route, with what it answers: the first paragraph of its handler."""
    found: dict[At, str] = {}
    for route in (*routes.PROBES, *routes.SURFACES):
        if route.include_in_schema:
            text = (inspect.getdoc(route.endpoint) or "").partition("\n\n")[0]
            for method in sorted((route.methods or set()) - {"HEAD"}):
                at = (method, route.path_format)
                found.setdefault(at, _SAID.get(at) or " ".join(text.replace("``", "`").split()))
    silent = [at for at, said in found.items() if not said]
    assert not silent, f"no docstring says what these answer: {silent}"
    return found


def listed() -> Mapping[str, Mapping[At, str]]:
    """Section -> its rows: method and shortened path, with what it answers."""
    rows: dict[str, dict[At, str]] = {title: {} for title in ORDER}
    for (method, path), said in served().items():
        section, short = place(path)
        rows[section.title].setdefault((method, short), said)
    return rows


def place(path: str) -> tuple[Section, str]:
    """The section of a path, and the path as it stands in the list there."""
    section = next((each for each in _SECTIONS if each.has(path)), None)
    assert section, f"{path} belongs to no section of the page"
    for name, beginnings in section.short.items():
        for beginning in beginnings:
            if path.startswith(f"{beginning}/"):
                return section, name + path.removeprefix(beginning)
    return section, path


def sections() -> str:
    """All sections with their tables, as Markdown."""
    rows = listed()
    found = {each.title: each for each in _SECTIONS}
    return "\n\n".join(_section(found[title], rows[title]) for title in ORDER)


def _section(section: Section, rows: Mapping[At, str]) -> str:
    told = table(
        ("method", "path", "answer"),
        [(method, code(path), said) for (method, path), said in rows.items()],
    )
    short = "".join(
        f" `{name}` is {' or '.join(map(code, _plain(beginnings)))}."
        for name, beginnings in section.short.items()
    )
    return f"### {section.title}\n\n{section.intro}{short}\n\n{told}"


def _plain(beginnings: Sequence[str]) -> list[str]:
    """The beginnings for readers: the layer is named by its path."""
    named = [each.replace("/{layer}", "/{version}/openai") for each in beginnings]
    return list(dict.fromkeys(named))
