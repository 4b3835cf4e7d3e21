"""``/metrics``: what Prometheus scrapes. It names models and engines, never a project or a key.

With the ``metrics_token`` setting, whoever has that token may read it. Without one, whoever asks
from this machine or a private network, where a scraper usually stands; costs are nobody else's
business.
"""

import asyncio
import platform
import secrets
from collections.abc import Awaitable, Sequence
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import pisang
from pisang.admission.restrictions import ip
from pisang.audit.record import head
from pisang.core.clock import now
from pisang.core.errors import NotFound, PermissionDenied, PisangError
from pisang.core.money import NANOS
from pisang.hooks.deliveries import backlog
from pisang.ledger.balance import all_open
from pisang.surfaces.shared import Shared, shared
from pisang.surfaces.visitors import address_of
from pisang.telemetry import metrics
from pisang.telemetry.exposition import Asked, page
from pisang.telemetry.shared_counts import dumped

log = structlog.get_logger("pisang.metrics")

_PATIENCE: Final = 5.0  # seconds for a database that does not answer
_BEARER: Final = "bearer "
_FORWARDED: Final = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")


async def scraped(request: Request) -> Response:
    """The metrics of this server, in Prometheus' text or OpenMetrics, as the scraper accepts."""
    inside = shared(request)
    observer = inside.observer
    if observer.meters is None:
        raise NotFound('This server counts nothing: its setting metrics is "off".')
    _check(request, inside)
    observer.look()
    if observer.shared is not None:
        observer.shared.write(dumped(observer.meters.counted))
    asked, (counted, processes) = await _asked(inside), observer.counted()
    accept = request.headers.get("accept", "")
    body, content_type = await asyncio.to_thread(page, counted, asked, processes, accept)
    return PlainTextResponse(body, headers={"content-type": content_type})


def _check(request: Request, inside: Shared) -> None:
    """Raises ``PermissionDenied`` for who may not read it."""
    wanted = inside.settings.metrics_token
    if wanted is not None:
        sent = request.headers.get("authorization", "")
        token = sent[len(_BEARER) :] if sent.lower().startswith(_BEARER) else ""
        if not secrets.compare_digest(token.encode(), wanted.get_secret_value().encode()):
            raise PermissionDenied(
                "Metrics need their token: send the setting metrics_token as a bearer token."
            )
        return
    if not _is_near(request, inside.settings.trusted_proxies):
        raise PermissionDenied(
            "Without the setting metrics_token, metrics are for this machine and private networks."
        )


def _is_near(request: Request, proxies: Sequence[str]) -> bool:
    """Whether it comes from this machine or a private network. What came through a proxy that the
    operator did not name may come from anywhere."""
    there = request.client.host if request.client else ""
    told = address_of(request, proxies)
    if told == there and any(name in request.headers for name in _FORWARDED):
        return False
    address = ip(told)
    return address is None or address.is_private


async def _asked(inside: Shared) -> Asked:
    """What is looked up for a scrape."""
    database = inside.database
    found = dict[str, float | dict[tuple[str, ...], float]]()
    kind = "postgresql" if database.postgres else "sqlite"
    found[metrics.BUILD.name] = {(pisang.__version__, platform.python_version(), kind): 1.0}
    if inside.limits is not None:
        found[metrics.LIMITS.name] = await _is_well(inside.limits())
    found[metrics.DATABASE.name] = await _is_well(_records(inside, found))
    return found


async def _is_well(work: Awaitable[None]) -> float:
    try:
        await asyncio.wait_for(work, _PATIENCE)
    except (PisangError, TimeoutError) as error:
        log.warning("metrics are not whole", why=str(error) or "no answer in time")
        return 0.0
    return 1.0


async def _records(inside: Shared, found: dict[str, float | dict[tuple[str, ...], float]]) -> None:
    """What the database tells. Raises ``StoreError``."""
    async with inside.database.read() as connection:
        count, held = await all_open(connection)
        waiting, seconds = await backlog(connection, now())
        lines = (await head(connection)).number
    found[metrics.OPEN_HOLDS.name] = float(count)
    found[metrics.HELD.name] = held.nanos / NANOS
    found[metrics.HOOKS.name] = float(waiting)
    found[metrics.HOOKS_AGE.name] = seconds
    found[metrics.AUDIT.name] = float(lines)


ROUTES: Final[Sequence[Route]] = (Route("/metrics", scraped),)
