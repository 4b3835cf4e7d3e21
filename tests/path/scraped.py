"""What a server says at ``/metrics``, as numbers."""

from prometheus_client.parser import text_string_to_metric_families

from pisang.app import Application
from tests.path.asgi import Reply, call


async def scrape(app: Application, **headers: str) -> Reply:
    """The page, as a scraper on this machine gets it."""
    return await call(app.asgi, "GET", "/metrics", headers=headers)


def samples(page: str) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """Name -> labels -> value, as Prometheus' own library reads the page."""
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = frozenset(sample.labels.items())
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


class Scraped:
    """One page. ``of`` adds up what has these labels."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.found = samples(page)

    def of(self, metric: str, **labels: str) -> float:
        rows = self.found.get(metric, {})
        return sum(value for row, value in rows.items() if labels.items() <= dict(row).items())


async def scraped(app: Application) -> Scraped:
    reply = await scrape(app)
    assert reply.status == 200, reply.body
    return Scraped(reply.body.decode())
