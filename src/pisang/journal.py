"""How log lines look: one event a line on standard error, as text for people or JSON for machines.

Callers of the log pass names, numbers and ids; never a key, a prompt or an image.
"""

import logging
import sys

import structlog

from pisang.core.current import bound

_LEVELS = logging.getLevelNamesMapping()


def set_up(*, level: str, form: str) -> None:
    """Sets the log up for this process. ``form`` is ``text``, ``json``, or ``auto``: text on a
    terminal, JSON elsewhere."""
    stream = sys.stderr
    as_json = form == "json" or (form == "auto" and not stream.isatty())
    threshold = _LEVELS[level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    before: list[structlog.typing.Processor] = [
        _with_words,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json:
        before.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*before, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,  # else each line looks all of this up again
    )
    # What libraries say (uvicorn, Alembic) goes the same way, and only when it matters.
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[_Forward()], force=True)
    logging.getLogger("pyvips").setLevel(logging.ERROR)  # it warns of callers' damaged pictures


def _with_words(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Says which request a line belongs to, and what is known of that."""
    return {**bound(), **event}


class _Forward(logging.Handler):
    """Hands a record of the standard log to ours, so that every line has one form."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )
