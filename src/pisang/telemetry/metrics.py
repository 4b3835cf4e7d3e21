"""Every metric of a server, once: name, kind, labels, and the sentence that documents it.

Names are those of OpenTelemetry's conventions for generative AI, as Prometheus writes them, where
there is one; ours begin with ``pisang_``. No label has the name of a project or a key, and each has
few values: a model that the catalog does not know is ``other``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OTHER: Final = "other"

SECONDS: Final = (
    *(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
    *(163.84, 327.68),  # the conventions end before a 4K picture or a queue does
)
_TOKENS: Final = tuple(float(4**power) for power in range(14))
_BATCH: Final = tuple(float(2**power) for power in range(10))
_SHORT: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Kind(StrEnum):
    """What Prometheus does with a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. ``name`` is as it is exposed; ``several`` is how a gauge of several processes is
    put together (``sum``, ``min``). One that is ``asked`` for when somebody scrapes has no state
    between."""

    name: str
    kind: Kind
    said: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    several: str = ""
    asked: bool = False


REQUESTS: Final = Metric(
    name="gen_ai_server_request_duration_seconds",
    kind=Kind.HISTOGRAM,
    said="Requests by surface, method and status, from the first byte of the head to the last of "
    "the answer. Status 499 is a caller who left.",
    labels=("surface", "method", "status"),
    buckets=SECONDS,
)
ATTEMPT_SECONDS: Final = Metric(
    name="gen_ai_client_operation_duration_seconds",
    kind=Kind.HISTOGRAM,
    said="Attempts at engines, to the end of the answer; `error_type` is empty where it was good.",
    labels=(
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
        "engine",
        "error_type",
    ),
    buckets=SECONDS,
)
FIRST_CHUNK: Final = Metric(
    name="gen_ai_client_operation_time_to_first_chunk_seconds",
    kind=Kind.HISTOGRAM,
    said="From asking an engine to the first content of its answer.",
    labels=(
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
        "engine",
    ),
    buckets=SECONDS,
)
TOKENS: Final = Metric(
    name="gen_ai_client_token_usage",
    kind=Kind.HISTOGRAM,
    said="Billable tokens of an answer: `gen_ai_token_type` is `input` or `output`, `modality` is "
    "`text`, `image` or `reasoning` (thoughts).",
    labels=(
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
        "gen_ai_token_type",
        "modality",
    ),
    buckets=_TOKENS,
)
ANSWERS: Final = Metric(
    name="pisang_answers_total",
    kind=Kind.COUNTER,
    said="Answers of engines by finish reason: what is neither `STOP` nor `MAX_TOKENS` is a "
    "refusal; `none` broke off.",
    labels=("model", "engine", "finish"),
)
IMAGES: Final = Metric(
    name="pisang_images_total",
    kind=Kind.COUNTER,
    said="Pictures that were made.",
    labels=("model", "size", "engine"),
)
COST: Final = Metric(
    name="pisang_cost_usd_total",
    kind=Kind.COUNTER,
    said="What engines ask for it, in US dollars. With `rehearsal` `yes` it is list price for what "
    "an engine of this server drew: a rehearsal, not a bill.",
    labels=("model", "engine", "rehearsal"),
)
CHARGED: Final = Metric(
    name="pisang_charged_usd_total",
    kind=Kind.COUNTER,
    said="What projects are charged for it, with markups. A project that has no money left for the "
    "last of it is charged less: the ledger is exact, this is not.",
    labels=("model", "engine", "rehearsal"),
)
ATTEMPTS: Final = Metric(
    name="pisang_attempts_total",
    kind=Kind.COUNTER,
    said="Attempts by what became of them: `ok`, or why not ([triage](triage.md) has the words).",
    labels=("engine", "kind"),
)
AGAIN: Final = Metric(
    name="pisang_further_attempts_total",
    kind=Kind.COUNTER,
    said="Second and later attempts for one request: `retry` of the same engine, or `failover` to "
    "this one.",
    labels=("engine", "why"),
)
REFUSED: Final = Metric(
    name="pisang_refused_total",
    kind=Kind.COUNTER,
    said="Requests that ended with an error, by its reason ([errors](errors.md)); where a limit is "
    "used up, `dimension` says which.",
    labels=("reason", "dimension"),
)
LEDGER_BATCH: Final = Metric(
    name="pisang_ledger_batch_operations",
    kind=Kind.HISTOGRAM,
    said="Holds, posts and voids that were written in one transaction.",
    buckets=_BATCH,
)
LEDGER_SECONDS: Final = Metric(
    name="pisang_ledger_batch_seconds",
    kind=Kind.HISTOGRAM,
    said="How long such a transaction took.",
    buckets=_SHORT,
)
LEDGER_FAILED: Final = Metric(
    name="pisang_ledger_failed_batches_total",
    kind=Kind.COUNTER,
    said="Transactions of the ledger that failed.",
)
ENGINE_UP: Final = Metric(
    name="pisang_engine_up",
    kind=Kind.GAUGE,
    said="1 where any key of the engine may be asked for any model, 0 where none may; of several "
    "processes, what the worst says.",
    labels=("engine",),
    several="min",
)
UNDER_WAY: Final = Metric(
    name="pisang_engine_under_way",
    kind=Kind.GAUGE,
    said="Requests that the engine works on now.",
    labels=("engine",),
    several="sum",
)
OPEN_HOLDS: Final = Metric(
    name="pisang_open_holds",
    kind=Kind.GAUGE,
    said="Holds of the ledger that are not settled yet.",
    asked=True,
)
HELD: Final = Metric(
    name="pisang_held_usd",
    kind=Kind.GAUGE,
    said="What they set aside, in US dollars.",
    asked=True,
)
HOOKS: Final = Metric(
    name="pisang_hooks_waiting",
    kind=Kind.GAUGE,
    said="Web hooks that are still to be told.",
    asked=True,
)
HOOKS_AGE: Final = Metric(
    name="pisang_hooks_oldest_seconds",
    kind=Kind.GAUGE,
    said="How long the oldest of them has waited.",
    asked=True,
)
AUDIT: Final = Metric(
    name="pisang_audit_lines",
    kind=Kind.GAUGE,
    said="Lines of the audit log. They are written with what they tell, so none ever waits.",
    asked=True,
)
DATABASE: Final = Metric(
    name="pisang_database_up",
    kind=Kind.GAUGE,
    said="1 where the database answers. Where it does not, the five above are left out.",
    asked=True,
)
LIMITS: Final = Metric(
    name="pisang_limits_store_up",
    kind=Kind.GAUGE,
    said="1 where the Valkey answers that counts limits; left out where there is none.",
    asked=True,
)
BUILD: Final = Metric(
    name="pisang_build_info",
    kind=Kind.GAUGE,
    said="Always 1; its labels say what runs.",
    labels=("version", "python", "database"),
    asked=True,
)
_PROCESS: Final = (
    ("virtual_memory_bytes", Kind.GAUGE, "Virtual memory, in bytes"),
    ("resident_memory_bytes", Kind.GAUGE, "Resident memory, in bytes"),
    ("start_time_seconds", Kind.GAUGE, "When it started (of several, the first), since 1970"),
    ("cpu_seconds_total", Kind.COUNTER, "Processor time, of user and system"),
    ("open_fds", Kind.GAUGE, "Open files and connections"),
    ("max_fds", Kind.GAUGE, "How many it may open (of several, each)"),
)
PROCESS: Final = tuple(
    Metric(name=f"process_{name}", kind=kind, said=f"{said}; on Linux.", asked=True)
    for name, kind, said in _PROCESS
)

METRICS: Final[Sequence[Metric]] = (
    *(REQUESTS, REFUSED),
    *(ATTEMPT_SECONDS, FIRST_CHUNK, ATTEMPTS, AGAIN, ENGINE_UP, UNDER_WAY),
    *(ANSWERS, IMAGES, TOKENS, COST, CHARGED),
    *(LEDGER_BATCH, LEDGER_SECONDS, LEDGER_FAILED, OPEN_HOLDS, HELD),
    *(HOOKS, HOOKS_AGE, AUDIT, DATABASE, LIMITS),
    BUILD,
    *PROCESS,
)
"""All there are, in the order of a reader."""
