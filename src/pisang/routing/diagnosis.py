"""The words of triage: what can be wrong with an upstream, whose fault it is, what follows from it.

``consequences.py`` has the row of every kind, ``signs.py`` how a kind is recognised.
"""

from dataclasses import dataclass
from enum import StrEnum

from pisang.core.errors import EngineError, Fault


class Scope(StrEnum):
    """What is sick: where nobody should be sent for a while."""

    REQUEST = "request"  # nothing: it was this one request
    MODEL = "model"  # this model with this key
    KEY = "key"  # this key, whatever the model
    ENGINE = "engine"  # all keys and models at this address


class Kind(StrEnum):
    """What it is, as one word."""

    # Money
    BILLING_STOPPED = "billing-stopped"
    SPENDING_CAP = "spending-cap"
    NOT_BILLED = "not-billed"
    NO_QUOTA = "no-quota"
    # Limits and capacity
    SPENDING_RATE = "spending-rate"
    RATE_DAY = "rate-day"
    RATE_MINUTE = "rate-minute"
    RATE_LIMIT = "rate-limit"
    PROVISIONED = "provisioned-throughput"
    CAPACITY = "capacity"
    OVERLOADED = "overloaded"
    # What an operator has to set right
    BAD_KEY = "bad-key"
    NO_KEY = "no-key"
    TOKEN_REFUSED = "token-refused"
    NO_CREDENTIALS = "no-credentials"
    KEY_DENIED = "key-denied"
    DENIED = "denied"
    API_DISABLED = "api-disabled"
    PROJECT_DENIED = "project-denied"
    REGION = "region"
    MODEL_GONE = "model-gone"
    MODEL_NOT_FOUND = "model-not-found"
    WRONG_ADDRESS = "wrong-address"
    LOOP = "loop"
    REDIRECTED = "redirected"
    BLOCKED_BY_PROXY = "blocked-by-proxy"
    # What the caller has to change
    FILE_DENIED = "file-denied"
    TOO_LARGE = "too-large"
    REFUSED = "refused"
    EMPTY = "empty"
    BAD_REQUEST = "bad-request"
    # What broke over there, or on the way
    INTERNAL = "internal"
    DEADLINE = "deadline"
    BAD_GATEWAY = "bad-gateway"
    ORIGIN_DOWN = "origin-down"
    NO_SUCH_HOST = "no-such-host"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    RESET = "reset"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    GARBLED = "garbled"
    UNUSABLE = "unusable"
    # Answers that were finished, without a picture or with less than was asked
    FINISHED = "finished"
    PROMPT_BLOCKED = "prompt-blocked"
    PICTURE_BLOCKED = "picture-blocked"
    TEXT_BLOCKED = "text-blocked"
    RECITATION = "recitation"
    NO_IMAGE = "no-image"
    IMAGE_OTHER = "image-other"
    MAX_TOKENS = "max-tokens"
    UNSUPPORTED_LANGUAGE = "unsupported-language"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What follows from a kind.

    ``what`` says what it is and ``advice`` what a person should do. ``retry`` is whether the same
    key may help a little later, ``fail_over`` whether another engine should be asked. ``delay`` is
    how many seconds to leave alone what is sick where the upstream did not say (None: as little as
    backing off takes). ``out`` keeps it out until an operator lets it back in, ``alarm`` tells one.
    ``charged`` is whether the caller pays for the tokens that the answer counts; a picture that did
    not come is never charged. ``error`` is what callers are told, None where an answer is an
    answer.
    """

    what: str
    fault: Fault
    scope: Scope
    advice: str
    error: type[EngineError] | None
    retry: bool = False
    fail_over: bool = True
    delay: float | None = None
    out: bool = False
    alarm: bool = False
    charged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What one symptom means. ``delay`` is in seconds: what the upstream said, or else the row's.
    ``quota_id`` is the limit that was told to be used up."""

    kind: Kind
    fault: Fault
    retry: bool
    delay: float | None
    fail_over: bool
    scope: Scope
    out: bool
    alarm: bool
    charged: bool
    advice: str
    quota_id: str = ""
