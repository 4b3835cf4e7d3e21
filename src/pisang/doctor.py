"""The checks a person should make when pictures do not come, in the order in which to make them.

Each is a function from a ``Patient`` to findings: what is well, or what to do about it. They look
and ask nobody; what a real call has shown is handed in (``probed``, ``drawn``), and so is what a
running server says of its engines (``troubles``).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pisang import announce, explain
from pisang.catalog.models import Card, catalog
from pisang.catalog.prices import quote
from pisang.core.errors import ModelNotFound, SettingsError, UnsupportedParameter
from pisang.core.events import Finished, FinishReason, Image, Result
from pisang.explain import Asked, Explanation
from pisang.routing import environment, secrets
from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Kind
from pisang.routing.environment import CREDENTIALS, KEYS
from pisang.routing.plan import IN_PROCESS
from pisang.routing.probe import Probed
from pisang.routing.secrets import ENV, OURS
from pisang.routing.table import EngineSpec, Table
from pisang.routing.triage import judge
from pisang.settings import Settings
from pisang.store.folder import Folder


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WRONG = "wrong"
    UNSEEN = "unseen"  # nothing is wrong as far as can be seen without a real call


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, and what was seen or is to be done."""

    check: str
    state: State
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at. ``table`` is None where it cannot be read, ``problem`` then says why.
    ``troubles`` are those of a running server by engine, None where none was asked, and
    ``readiness`` what it says to probes."""

    settings: Settings
    environ: Mapping[str, str]
    model: str
    size: str | None = None
    table: Table | None = None
    problem: str = ""
    troubles: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    readiness: Mapping[str, Any] = field(default_factory=dict)
    probed: Sequence[Probed] | None = None
    drawn: Mapping[str, Result | str] = field(default_factory=dict)

    @property
    def explained(self) -> Explanation | None:
        if self.table is None:
            return None
        strict = self.settings.compatibility == "strict"
        return explain.explain(Asked(model=self.model, size=self.size), self.table, strict=strict)


MONEY: Final = frozenset(
    {Kind.BILLING_STOPPED, Kind.SPENDING_CAP, Kind.NOT_BILLED, Kind.NO_QUOTA, Kind.SPENDING_RATE}
)
LIMITS: Final = frozenset(
    {
        Kind.RATE_DAY,
        Kind.RATE_MINUTE,
        Kind.RATE_LIMIT,
        Kind.PROVISIONED,
        Kind.CAPACITY,
        Kind.OVERLOADED,
    }
)
_KEYED: Final = frozenset({"google", "vertex"})
_PATIENCE: Final = 120.0  # seconds that a large picture may well take
_BODY: Final = 20  # megabytes that Google takes
_TOKENS: Final = ("ya29.", "eyJ", "Bearer ")
_OTHERS: Final = {"sk-": "OpenAI", "xai-": "xAI", "gsk_": "Groq", "hf_": "Hugging Face"}


def findings(patient: Patient) -> list[Finding]:
    """All lines, in order."""
    return [
        Finding(name, state, said)
        for name, check in CHECKS.items()
        for state, said in check(patient)
    ]


Seen = Iterator[tuple[State, str]]


def _model(patient: Patient) -> Seen:
    card = catalog().get(patient.model)
    try:
        found = catalog().resolve(
            patient.model,
            strict=patient.settings.compatibility == "strict",
            method="predict" if card and card.family == "imagen" else "generateContent",
        )
    except ModelNotFound as error:
        explained = patient.explained
        if card is not None or explained is None or not explained.engines:
            yield State.WRONG, error.message
            return
        _, near, meant = error.message.partition("Did you mean")
        state = State.UNSEEN if near else State.OK
        said = f"{patient.model} is none of the catalog; a route takes it as it is."
        yield state, f"{said} {near}{meant}".strip()
        return
    yield State.OK, found.notice or f"{found.card.id} is {found.card.name}."


def _key(patient: Patient) -> Seen:
    if patient.table is None:
        yield from _variables(patient)
        return
    seen = False
    for spec in patient.table.engines.values():
        for number, written in enumerate(spec.api_keys):
            seen = True
            yield _one_key(patient, spec, written, number)
        if spec.credentials:
            seen = True
            yield _credentials(spec)
        elif spec.kind in _KEYED and not spec.api_keys:
            seen = True
            yield State.WRONG, _keyless(spec)
    yield from _variables(patient)
    if not seen:
        here = all(spec.kind in IN_PROCESS for spec in patient.table.engines.values())
        yield State.OK, f"No engine {'needs' if here else 'names'} a key."


def _one_key(patient: Patient, spec: EngineSpec, written: str, number: int) -> tuple[State, str]:
    place = f"engines.{spec.name}.api_keys[{number}]"
    try:
        key = secrets.secret(written, environ=patient.environ, place=place)
    except SettingsError as error:
        return State.WRONG, error.message
    if key.startswith(OURS) and not spec.base_url:
        return State.WRONG, (
            f"{place} is a key of this server ({OURS}...): {spec.kind} does not know it. Put the "
            "key there that the upstream gave you."
        )
    if key.startswith(_TOKENS):
        return State.WRONG, f"{place} is a token of somebody who signed in, and no API key."
    whose = next((name for start, name in _OTHERS.items() if key.startswith(start)), "")
    if whose and spec.kind in _KEYED:
        return State.WRONG, f"{place} looks like a key of {whose}, and not like one of Google's."
    return State.OK, f"{spec.name} has a key from {_source(written)}: {secrets.told(key)}."


def _keyless(spec: EngineSpec) -> str:
    other = f" Names in it that are others: {', '.join(spec.options)}." if spec.options else ""
    how = 'api_keys = ["env:GEMINI_API_KEY"]' if spec.kind == "google" else 'credentials = "adc"'
    return f"engines.{spec.name} names no key: write {how}, or another.{other}"


def _source(written: str) -> str:
    return written.removeprefix(ENV) if written.startswith((ENV, secrets.FILE)) else "the settings"


def _credentials(spec: EngineSpec) -> tuple[State, str]:
    try:
        where = secrets.path(spec.credentials, place=f"engines.{spec.name}.credentials")
    except SettingsError as error:
        return State.WRONG, error.message
    where = "the key file in it" if secrets.is_key_file(where) else where
    return State.OK, f"{spec.name} signs in with {where}, for project {spec.project or 'of it'}."


def _variables(patient: Patient) -> Seen:
    """What of the environment is not what it seems."""
    values = {name: patient.environ.get(name, "") for name in KEYS}
    engines = patient.table.engines.values() if patient.table else ()
    looked_at = {written for spec in engines for written in spec.api_keys}
    for name, value in values.items():
        bare = value.strip()
        if bare and ENV + name not in looked_at and (why := secrets.flaw(bare)):
            yield State.WRONG, f"{name} {why}."
        elif bare != value:
            yield State.UNSEEN, f"{name} has white space around it, which other programs may send."
        elif bare.startswith(OURS):
            yield State.UNSEEN, f"{name} has a key of this server, which is for its clients only."
    first, second = values.values()
    if first.strip() and second.strip() and first.strip() != second.strip():
        yield State.UNSEEN, f"{' and '.join(KEYS)} differ: {KEYS[0]} counts, as at Google's SDKs."
    try:
        for note in environment.defaults(patient.environ).notes:
            if note.startswith(CREDENTIALS):
                yield State.UNSEEN, note
    except SettingsError as error:
        yield State.UNSEEN, error.message


def _billing(patient: Patient) -> Seen:
    yield from _troubles(patient, MONEY, well="Nobody asks for money.")


def _route(patient: Patient) -> Seen:
    if patient.table is None:
        yield State.WRONG, patient.problem
        return
    found = patient.explained
    assert found is not None
    if found.refusal:
        yield State.WRONG, found.refusal
        return
    for number, would in enumerate(found.engines):
        word = "goes to" if number == 0 else "then to"
        yield State.OK, f"{patient.model} {word} {announce.called(would.engine)}."
    for name, why in found.left_out:
        yield State.UNSEEN, f"{name} is not asked: it {why}."
    yield from _seen(patient, frozenset(Kind) - MONEY - LIMITS)


def _limits(patient: Patient) -> Seen:
    yield from _troubles(patient, LIMITS, well="No limit was met.")


def _response(patient: Patient) -> Seen:
    settings = patient.settings
    if settings.request_timeout < _PATIENCE:
        yield (
            State.WRONG,
            f"request_timeout is {settings.request_timeout:g} s, and a large picture may take "
            f"longer: set it to {_PATIENCE:g} or more.",
        )
    if settings.max_body_mb < _BODY:
        yield (
            State.WRONG,
            f"max_body_mb is {settings.max_body_mb}: pictures to work with may need {_BODY}.",
        )
    for route, result in patient.drawn.items():
        yield _drawn(route, result)
    if not patient.drawn:
        yield (
            State.UNSEEN,
            "Look at every part of an answer, at finishReason where there is no picture, and wait "
            "two minutes at least; the last picture counts.",
        )


def _drawn(route: str, result: Result | str) -> tuple[State, str]:
    if isinstance(result, str):
        return State.WRONG, f"{route}: {result}"
    pictures = sum(isinstance(part, Image) for part in result.parts)
    if not pictures:
        return State.WRONG, f"{route}: {_why_none(result.finished)}"
    odd = (
        "" if result.finished.reason is FinishReason.STOP else f" ({result.finished.reason.value})"
    )
    return State.OK, f"{route}: {pictures} picture{'s' * (pictures > 1)} came{odd}."


def _why_none(ended: Finished) -> str:
    """Why an answer holds no picture, and what to do; one that just stopped made none."""
    reason = FinishReason.NO_IMAGE if ended.reason is FinishReason.STOP else ended.reason
    said = f"no picture; {ended.reason.value}."
    return " ".join(filter(None, (said, ended.message, judge(reason, ended.blocked).advice)))


def _price(patient: Patient) -> Seen:
    found = patient.explained
    card = found.card if found else catalog().get(patient.model)
    if card is not None and patient.size and patient.size not in (card.sizes or card.pixels):
        sizes = ", ".join(card.sizes or card.pixels)
        yield State.WRONG, f"{card.id} has no size {patient.size}. It has: {sizes}."
        return
    paid = next(iter(found.engines), None) if found else None
    if paid is None:
        yield State.UNSEEN, "No engine would be asked, so there is no price."
    elif paid.engine.kind in IN_PROCESS:
        yield State.OK, "A picture costs nothing here."
    elif paid.price is None:
        yield State.UNSEEN, f"What {paid.engine.name} asks for a picture is not known: add a price."
    else:
        size = patient.size or (card.default_size if card else "")
        more = _others(card, size) if card else ""
        yield (
            State.OK,
            f"A picture of {size or 'its size'} costs {announce.dollars(paid.price)}{more}.",
        )


def _others(card: Card, size: str) -> str:
    """What other sizes cost by the list."""
    said = []
    for other in card.sizes:
        if other != size:
            try:
                said.append(f"{other} {announce.dollars(quote(card, size=other).each.total)}")
            except UnsupportedParameter:
                continue
    return f" (by the list: {', '.join(said)})" if said else ""


def _quota(patient: Patient) -> Seen:
    engines = patient.table.engines.values() if patient.table else ()
    google = [spec.name for spec in engines if spec.kind in ("google", "vertex")]
    whose = (
        f"What {', '.join(google)} draws is billed to an API project"
        if google
        else "No account of Google's is used"
    )
    yield (
        State.OK,
        f"{whose}. A subscription of the Gemini app or of AI Studio's chat is not the API's: its "
        "pictures count and cost by themselves.",
    )


def _troubles(patient: Patient, kinds: frozenset[Kind], *, well: str) -> Seen:
    """What calls have shown of these kinds, or that none were made."""
    wrong = list(_seen(patient, kinds))
    yield from wrong
    if wrong:
        return
    if all(s.kind in IN_PROCESS for s in (patient.table.engines if patient.table else {}).values()):
        yield State.OK, "Pictures are drawn here."
    elif patient.troubles is not None:
        yield State.OK, well
    else:
        how = "none was made" if patient.probed is not None else "--probe makes one for each route"
        yield State.UNSEEN, f"Only a picture shows it: {how}."


def _secrets(patient: Patient) -> Seen:
    folder = Folder(patient.settings.data)
    if patient.settings.master_key is not None:
        yield State.OK, "What is secret in the database is encrypted under PISANG_MASTER_KEY."
    elif folder.master_key.exists() and folder.master_key.stat().st_mode & 0o077:
        yield State.WRONG, f"Others may read {folder.master_key}: chmod 600 it."
    else:
        yield (
            State.OK,
            f"What is secret in the database is encrypted under {folder.master_key}: that protects "
            "copies of the database and backups. Who can read the whole folder can read it too; "
            "PISANG_MASTER_KEY keeps the key elsewhere.",
        )


def _server(patient: Patient) -> Seen:
    said = patient.readiness
    if "reason" in said:
        yield State.WRONG, f"The server takes no requests: {said['reason']}"
    for warning in said.get("warnings", ()):
        yield State.WRONG, str(warning)
    if said == {"status": "ok"}:
        yield State.OK, "The server takes requests."
    elif not said:
        yield State.UNSEEN, "Nothing is known of a running server: --server asks one."


def _seen(patient: Patient, kinds: frozenset[Kind]) -> Seen:
    """What calls have shown to be wrong, of these kinds: what it is, and what to do."""
    for probed in patient.probed or ():
        if probed.kind in kinds:
            what = TABLE[Kind(probed.kind)].what
            yield State.WRONG, f"{probed.engine} key {probed.key}: {what}. {probed.advice}"
    for name, troubles in (patient.troubles or {}).items():
        for trouble in troubles:
            if trouble["kind"] in kinds:
                yield State.WRONG, f"{name} is {trouble['state']}: {trouble['advice']}"


CHECKS: Final[Mapping[str, Callable[[Patient], Seen]]] = {
    "model id": _model,
    "key loaded": _key,
    "billing": _billing,
    "route": _route,
    "limits": _limits,
    "response handling": _response,
    "size against price": _price,
    "consumer quota": _quota,
    "secrets": _secrets,
    "server": _server,
}
"""In the order in which a person should look."""
