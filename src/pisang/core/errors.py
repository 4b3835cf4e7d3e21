"""Everything that can go wrong, as one tree that says whose fault it is and what to do next.

::

    PisangError
      RequestError              the caller asked for something that cannot be read or made
        MalformedRequest          INVALID_ARGUMENT      not well formed in its dialect
        UnsupportedParameter      INVALID_ARGUMENT      well formed, but not for this model
        RequestTooLarge           INVALID_ARGUMENT      body above the configured limit
        ModelNotFound             NOT_FOUND             no such model, or one that was shut down
        NotFound                  NOT_FOUND             no such address or resource
        FailedPrecondition        FAILED_PRECONDITION   fine, but not in the state things are in
        AlreadyExists             ALREADY_EXISTS        a name that is taken
        FetchFailed               INVALID_ARGUMENT      an address in the request gave no file
        PictureRefused            INVALID_ARGUMENT      a refusal, where the dialect has no word
        MethodNotAllowed          UNIMPLEMENTED         an address that takes another method
      AdmissionError            the caller may not do this now
        MissingCredential         PERMISSION_DENIED     no key was sent
        InvalidKey                INVALID_ARGUMENT      a key was sent and is not valid
        InvalidToken              UNAUTHENTICATED       a token was sent that is none of ours
        ExpiredToken              UNAUTHENTICATED       a token was sent whose time is over
        PermissionDenied          PERMISSION_DENIED     a valid key that may not do this
          ProjectDenied             PERMISSION_DENIED   an address in a project not their own
          KeyRestricted             PERMISSION_DENIED   a key that is limited to something else
            ReferrerBlocked           PERMISSION_DENIED   ... to other web pages
            AddressBlocked            PERMISSION_DENIED   ... to other network addresses
          KeyBlocked                PERMISSION_DENIED   a key that was found outside, or lay unused
          ProjectSuspended          PERMISSION_DENIED   its project is switched off
        SignInFailed              UNAUTHENTICATED       a person who could not show who they are
        TooManyAttempts           RESOURCE_EXHAUSTED    too many wrong passwords, for now
        RateLimited               RESOURCE_EXHAUSTED    a limit of its project or key is used up
        BudgetExhausted           RESOURCE_EXHAUSTED    a budget or spend limit does not cover it
        BalanceExhausted          RESOURCE_EXHAUSTED    the prepaid balance does not cover it
        LimitsUnavailable         UNAVAILABLE           whoever counts cannot be reached
        ThroughputExhausted       RESOURCE_EXHAUSTED    provisioned throughput only, and none left
      RoutingError              the route table leads nowhere
        NoRoute                   FAILED_PRECONDITION   no engine may make this for this caller
        LoopDetected              FAILED_PRECONDITION   it came back to the server that sent it
      EngineError               whoever makes the image failed
        EngineTimeout             DEADLINE_EXCEEDED     not done within the caller's deadline
        EngineUnavailable         UNAVAILABLE           cannot take the work now
        EngineFailed              INTERNAL              broke while drawing
        EngineRateLimited         RESOURCE_EXHAUSTED    its limit for us is used up for now
        EngineOverloaded          RESOURCE_EXHAUSTED    capacity that all share is used up
        EngineBillingStopped      RESOURCE_EXHAUSTED    nobody pays for it any more
        EngineMisconfigured       FAILED_PRECONDITION   our key, project, region or model is wrong
        EngineRejected            INVALID_ARGUMENT      it does not take this request
        EngineGarbled             UNAVAILABLE           its answer was cut short, or is none
      LedgerError               INTERNAL              a hold that is gone, or an entry twice
      StoreError                INTERNAL              the database or the data folder failed
        StoreUnavailable          UNAVAILABLE           it has no room, or cannot be had just now
      SettingsError             (start-up only)       a setting is wrong; the CLI exits with 78

An error is data: surfaces never build a message, they hand the error to ``wire/faults.py``, which
alone knows envelopes. A refusal by a safety filter is *not* an error (it is a finish reason).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pisang.core.obstacles import Obstacle
from pisang.core.upstream import Original


class Code(StrEnum):
    """Google's canonical status words (google.rpc.Code) that pisang uses."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    CANCELLED = "CANCELLED"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"


class Fault(StrEnum):
    """Who has to act so that the error goes away."""

    CALLER = "caller"
    OPERATOR = "operator"
    UPSTREAM = "upstream"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that is to blame: its snake_case path (``contents[0].parts[1]``) and why."""

    field: str
    description: str


class PisangError(Exception):
    """The root: catch it to catch all that pisang raises on purpose.

    ``message`` is one sentence (or more) that says what to do next. ``violations`` name the fields
    to blame. ``retry_after`` is in seconds. ``metadata`` goes into the ErrorInfo detail.
    """

    code: ClassVar[Code] = Code.INTERNAL
    reason: ClassVar[str] = "INTERNAL_ERROR"
    fault: ClassVar[Fault] = Fault.OURS

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        violations: tuple[Violation, ...] = (),
        retry_after: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if field is not None and not violations:
            violations = (Violation(field, message),)
        self.violations = violations
        self.retry_after = retry_after
        self.metadata = dict(metadata or {})

    @property
    def field(self) -> str | None:
        """The first field to blame, where there is one."""
        return self.violations[0].field if self.violations else None

    def retell(self, told: Callable[[str], str]) -> None:
        """Puts its sentences and field paths into other words: every dialect has names of its own
        for what its callers sent."""
        self.message = told(self.message)
        self.args = (self.message,)
        self.violations = tuple(
            Violation(told(each.field), told(each.description)) for each in self.violations
        )


class RequestError(PisangError):
    """The request cannot be served as it was sent; sending it again unchanged will not help."""

    code = Code.INVALID_ARGUMENT
    reason = "REQUEST_INVALID"
    fault = Fault.CALLER


class MalformedRequest(RequestError):
    """The body is not well formed: bad JSON, an unknown name, a value of the wrong type."""

    reason = "MALFORMED_REQUEST"


class UnsupportedParameter(RequestError):
    """The field is known and well formed, but this model does not take this value."""

    reason = "UNSUPPORTED_PARAMETER"


class RequestTooLarge(RequestError):
    """The body is larger than the ``max_body_mb`` setting; it was not read to its end."""

    reason = "REQUEST_TOO_LARGE"


class ModelNotFound(RequestError):
    """No model has this id, or Google has shut it down and ``compatibility`` is strict."""

    code = Code.NOT_FOUND
    reason = "MODEL_NOT_FOUND"


class NotFound(RequestError):
    """Nothing is served at this address, or there is no such resource."""

    code = Code.NOT_FOUND
    reason = "NOT_FOUND"


class MethodNotAllowed(RequestError):
    """There is something at this address, but not with this HTTP method.

    ``allowed`` lists the right ones, as the ``Allow`` header does. Google's words have none for
    HTTP 405; the nearest is UNIMPLEMENTED, "not implemented or not supported".
    """

    code = Code.UNIMPLEMENTED
    reason = "METHOD_NOT_ALLOWED"

    @property
    def allowed(self) -> str:
        return self.metadata.get("allowed", "")


class FailedPrecondition(RequestError):
    """Well formed and allowed, but not in the state that the named thing is in now."""

    code = Code.FAILED_PRECONDITION
    reason = "FAILED_PRECONDITION"


class AlreadyExists(RequestError):
    """The name that the caller chose is taken already."""

    code = Code.ALREADY_EXISTS
    reason = "ALREADY_EXISTS"


class FetchFailed(RequestError):
    """A file that the request names by its address could not be fetched, or may not be."""

    reason = "FETCH_FAILED"


class PictureRefused(RequestError):
    """The model refused to draw. Google's surfaces say so in a finish reason; OpenAI's have no
    such word, so there it is an error (surfaces contract, section 10.4).

    ``metadata`` has Google's ``finish_reason``.
    """

    reason = "PICTURE_REFUSED"


class AdmissionError(PisangError):
    """The caller may not do this now; the request itself may be fine."""

    code = Code.PERMISSION_DENIED
    reason = "NOT_ADMITTED"
    fault = Fault.CALLER


class MissingCredential(AdmissionError):
    """No API key came with the request: not in a header, not in the query."""

    reason = "CREDENTIALS_MISSING"


class InvalidKey(AdmissionError):
    """An API key came with the request, but it is unknown or was revoked.

    Google answers 400 INVALID_ARGUMENT here, not 401 (surfaces contract, section 9.2).
    """

    code = Code.INVALID_ARGUMENT
    reason = "API_KEY_INVALID"


class InvalidToken(AdmissionError):
    """A bearer token came with the request that this server did not give out or cannot trust."""

    code = Code.UNAUTHENTICATED
    reason = "ACCESS_TOKEN_TYPE_UNSUPPORTED"


class ExpiredToken(AdmissionError):
    """The access token was good once: it is too old now, or was revoked."""

    code = Code.UNAUTHENTICATED
    reason = "ACCESS_TOKEN_EXPIRED"


class PermissionDenied(AdmissionError):
    """The key is valid, but its project or role does not allow this."""

    reason = "PERMISSION_DENIED"


class ThroughputExhausted(AdmissionError):
    """Vertex AI: the request may use provisioned throughput only, and its project has none left."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "PROVISIONED_THROUGHPUT_EXHAUSTED"


class ProjectDenied(PermissionDenied):
    """The address names a project that is not the caller's own; whether there is one is not told.

    ``metadata`` has the ``permission`` and the ``resource``, as Google names them.
    """

    reason = "IAM_PERMISSION_DENIED"


class KeyRestricted(PermissionDenied):
    """The key is limited to other models, surfaces or engines."""

    reason = "API_KEY_SERVICE_BLOCKED"


class ReferrerBlocked(KeyRestricted):
    """The key is limited to requests from other web pages than this one came from."""

    reason = "API_KEY_HTTP_REFERRER_BLOCKED"


class AddressBlocked(KeyRestricted):
    """The key is limited to other network addresses than this request came from."""

    reason = "API_KEY_IP_ADDRESS_BLOCKED"


class KeyBlocked(PermissionDenied):
    """The key was reported as leaked, or lay unused without restrictions in a project that blocks
    such keys. A new one has to be made."""

    reason = "API_KEY_BLOCKED"


class ProjectSuspended(PermissionDenied):
    """The operator switched the project off; nothing of it is lost."""

    reason = "CONSUMER_SUSPENDED"


class SignInFailed(AdmissionError):
    """A person could not sign in: a wrong email or password, or the issuer did not vouch for them.
    Which of it is not told."""

    code = Code.UNAUTHENTICATED
    reason = "SIGN_IN_FAILED"


class TooManyAttempts(AdmissionError):
    """Too many wrong passwords came for this person or from this address; ``retry_after`` says when
    the next one is looked at."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_ATTEMPTS"


class RateLimited(AdmissionError):
    """A limit of the project or the key is used up: requests, input tokens or images a minute,
    requests a day, or requests at the same time. Nothing is charged, and this request is not
    counted.

    ``metadata`` has the ``dimension`` (``core/terms.py``), the ``model``, the ``limit`` as a
    number, whose it is (``scope``: ``project`` or ``key``) and Google's usage ``tier`` where it
    comes from one; ``retry_after`` is when there is room again.
    """

    code = Code.RESOURCE_EXHAUSTED
    reason = "RATE_LIMIT_EXCEEDED"


class BudgetExhausted(AdmissionError):
    """What is left of a budget, a spend limit or a monthly cap does not cover this request at its
    worst. ``metadata`` has the ``budget`` and when it ``resets``."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "BUDGET_EXHAUSTED"


class BalanceExhausted(AdmissionError):
    """The prepaid balance does not cover this request at its worst: the operator tops it up."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "PREPAID_BALANCE_EXHAUSTED"


class LimitsUnavailable(AdmissionError):
    """The Valkey that counts limits for all servers cannot be reached, and the operator chose to
    refuse requests then (``limits_lost = "closed"``)."""

    code = Code.UNAVAILABLE
    reason = "LIMITS_UNAVAILABLE"
    fault = Fault.OPERATOR


class RoutingError(PisangError):
    """The route table of this server does not lead to an engine for this request."""

    code = Code.FAILED_PRECONDITION
    reason = "ROUTING_ERROR"
    fault = Fault.OPERATOR


class NoRoute(RoutingError):
    """No route fits this model, size, tier, project and location, or none that may be used."""

    reason = "NO_ROUTE"


class LoopDetected(RoutingError):
    """The request has been here before: the ``base_url`` of an engine leads back to the server that
    asks it, maybe by way of another one."""

    reason = "LOOP_DETECTED"


class EngineError(PisangError):
    """The engine that should make the image failed; nothing is charged.

    Where an upstream answered, ``original`` is its answer: callers get its words, with an ErrorInfo
    of ours beside them whose metadata says which engine it was and what was tried.
    """

    reason = "ENGINE_ERROR"
    fault = Fault.UPSTREAM
    original: Original | None = None


class EngineTimeout(EngineError):
    """The image was not ready within the deadline the caller set (``X-Server-Timeout``)."""

    code = Code.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class EngineUnavailable(EngineError):
    """The engine cannot take the work now (too much queued, or shutting down); try again."""

    code = Code.UNAVAILABLE
    reason = "ENGINE_UNAVAILABLE"


class EngineFailed(EngineError):
    """The engine broke while drawing: a defect of ours, logged with its cause."""

    reason = "ENGINE_FAILED"
    fault = Fault.OURS


class EngineRateLimited(EngineError):
    """The engine's own limit for our key or project is used up: requests, tokens or images a minute
    or a day. ``metadata`` has its ``quota_id`` where it was told; ``retry_after`` says when."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "ENGINE_RATE_LIMITED"


class EngineOverloaded(EngineError):
    """The engine has no room now, for anyone: shared capacity, not a limit of ours."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "ENGINE_OVERLOADED"


class EngineBillingStopped(EngineError):
    """The engine's account is out of money, or has no billing. It is never tried again by itself:
    the operator pays, then lets it back in with ``pisang routes test``."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "ENGINE_BILLING_STOPPED"
    fault = Fault.OPERATOR


class EngineMisconfigured(EngineError):
    """The engine does not know our key, project, region or model. The caller's key is fine."""

    code = Code.FAILED_PRECONDITION
    reason = "ENGINE_MISCONFIGURED"
    fault = Fault.OPERATOR


class EngineRejected(EngineError):
    """The engine takes no request like this one; sending it again unchanged will not help."""

    code = Code.INVALID_ARGUMENT
    reason = "ENGINE_REJECTED"
    fault = Fault.CALLER


class EngineGarbled(EngineError):
    """The engine's answer stopped short, or is no answer that can be read."""

    code = Code.UNAVAILABLE
    reason = "ENGINE_GARBLED"


class LedgerError(PisangError):
    """An entry of the ledger cannot be made: its hold is gone, or it was made before."""

    reason = "LEDGER_ERROR"


class StoreError(PisangError):
    """The database or the data folder could not be read or written (damaged, read-only)."""

    reason = "STORE_ERROR"
    fault = Fault.OPERATOR
    obstacle: Obstacle | None = None  # where it is known, for who may not read the message


class StoreUnavailable(StoreError):
    """The database or the data folder cannot be used for now: the disk is full, another process
    holds it, or nothing answers. It may go again as soon as the operator has seen to it."""

    code = Code.UNAVAILABLE
    reason = "STORE_UNAVAILABLE"


class SettingsError(PisangError):
    """A setting is missing, unknown or has a wrong value; raised at start-up only."""

    reason = "SETTINGS_INVALID"
    fault = Fault.OPERATOR
