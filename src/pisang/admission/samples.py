"""How many pictures one request of ``:predict`` may ask for."""

from pisang.catalog.models import Card
from pisang.core.errors import UnsupportedParameter


def check_count(count: int, card: Card) -> None:
    """Raises UnsupportedParameter for a ``sampleCount`` that the model does not take."""
    most = card.sample_count_max or 1
    if not 1 <= count <= most:
        raise UnsupportedParameter(
            f"sampleCount is {count}, but '{card.id}' makes 1 to {most} pictures at once. "
            "Send separate requests for more.",
            field="parameters.sample_count",
        )
