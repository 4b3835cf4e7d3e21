"""Puts what callers asked for into the audit log, for projects that opted in to that."""

import asyncio
from typing import Final

import structlog

from pisang.audit import content
from pisang.core.current import REQUEST
from pisang.core.errors import StoreError
from pisang.metering.outcome import Outcome
from pisang.store.database import Database

_KINDS: Final = {"key": "key", "sa": "serviceAccount"}
"""What a principal is, by the first letters of its id."""

log = structlog.get_logger("pisang.audit")


class Prompts:
    """A meter that writes beside the answer, so that no caller waits for it. Close it at the end:
    that waits for what is still to be written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writing = set[asyncio.Task[None]]()

    def __call__(self, outcome: Outcome) -> None:
        if outcome.caller.audits_prompts:
            task = asyncio.create_task(self._keep(outcome))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._writing)

    async def _keep(self, outcome: Outcome) -> None:
        caller = outcome.caller
        try:
            await content.keep(
                self._database,
                actor=f"{_KINDS[caller.key_id.partition('_')[0]]}:{caller.key_id}",
                address="",
                project_id=caller.project_id,
                request_id=REQUEST.get(),
                model=outcome.bill.model,
                asked=content.of_request(outcome.request),
                finish=outcome.bill.finish,
            )
        except StoreError as error:
            log.error("prompt not recorded", error=error.message)
