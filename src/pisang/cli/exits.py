"""Exit codes by cause, so that a script can tell a wrong option from a busy server.

Numbers from 64 on are those of BSD's ``sysexits.h``. ``TABLE`` is what the documentation prints.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from pisang.core.errors import (
    AdmissionError,
    EngineBillingStopped,
    EngineError,
    EngineGarbled,
    EngineMisconfigured,
    EngineOverloaded,
    EngineRateLimited,
    EngineRejected,
    EngineTimeout,
    EngineUnavailable,
    PisangError,
    RequestError,
    RoutingError,
    SettingsError,
    StoreError,
)


class Exit(IntEnum):
    """What ``$?`` is after a command."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    NO_IMAGE = 3
    NOT_ADMITTED = 4
    UNAVAILABLE = 69
    STORE = 74
    TRY_AGAIN = 75
    SETTINGS = 78
    INTERRUPTED = 130


TABLE: Mapping[Exit, str] = MappingProxyType(
    {
        Exit.OK: "It worked.",
        Exit.FAILURE: "Something broke that is neither your command line nor your set-up.",
        Exit.USAGE: "The command line or the request is wrong: an option, a model, a picture.",
        Exit.NO_IMAGE: "The answer holds no image: the prompt asks for none, or it was refused.",
        Exit.NOT_ADMITTED: "The key is missing, not valid, or may not do this.",
        Exit.UNAVAILABLE: "The server does not answer, its address cannot be listened on, or what "
        "is behind it cannot be used: no route, not paid, set up wrong.",
        Exit.STORE: "The data folder or a file cannot be read or written.",
        Exit.TRY_AGAIN: "Busy or out of time: the same command may work in a moment.",
        Exit.SETTINGS: "A setting is unknown or has a wrong value; the message names it.",
        Exit.INTERRUPTED: "Interrupted from the keyboard.",
    }
)

_CAUSES: tuple[tuple[type[PisangError], Exit], ...] = (
    (SettingsError, Exit.SETTINGS),
    (StoreError, Exit.STORE),
    (AdmissionError, Exit.NOT_ADMITTED),
    (RequestError, Exit.USAGE),
    (EngineRejected, Exit.USAGE),
    (EngineTimeout, Exit.TRY_AGAIN),
    (EngineGarbled, Exit.TRY_AGAIN),
    (EngineRateLimited, Exit.TRY_AGAIN),
    (EngineOverloaded, Exit.TRY_AGAIN),
    (EngineBillingStopped, Exit.UNAVAILABLE),
    (EngineMisconfigured, Exit.UNAVAILABLE),
    (RoutingError, Exit.UNAVAILABLE),
    (EngineUnavailable, Exit.UNAVAILABLE),
)


def code(error: PisangError) -> Exit:
    """The exit code of an error; one that says when to try again is never a hard failure."""
    if error.retry_after is not None:
        return Exit.TRY_AGAIN
    return next((exit for kind, exit in _CAUSES if isinstance(error, kind)), Exit.FAILURE)


def sentence(error: PisangError) -> str:
    """What a person reads of an error. The words of an upstream alone ("API key not valid") would
    send them looking in the wrong place: whose they are, and what to do, stands behind them."""
    engine, advice = error.metadata.get("engine"), error.metadata.get("advice", "")
    if not isinstance(error, EngineError) or not engine or advice in error.message:
        return error.message
    return f"{error.message} (So says the engine {engine}. {advice})"
