import pytest

from pisang.core.names import meant

NAMES = ("Studio", "google", "vertex")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("gogle", " Did you mean 'google'?"),
        ("STUDOI", " Did you mean 'Studio'?"),
        ("something else", ""),
        ("", ""),
    ],
)
def test_near_misses_are_asked_about_as_they_are_written(typed: str, said: str) -> None:
    assert meant(typed, NAMES) == said


def test_without_names_nothing_is_meant() -> None:
    assert meant("google", ()) == ""
