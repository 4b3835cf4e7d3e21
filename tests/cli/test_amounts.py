import pytest

from pisang.cli.amounts import dollars


@pytest.mark.parametrize(
    ("usd", "shown"), [("5.00", "$5.00"), ("-0.0672", "-$0.0672"), ("0.00", "$0.00")]
)
def test_the_sign_goes_before_the_dollar(usd: str, shown: str) -> None:
    assert dollars(usd) == shown
