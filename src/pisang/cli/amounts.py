"""Amounts of money as commands print them: ``$5.00`` for what the admin API writes as ``5.00``."""

from typing import Final

REHEARSAL: Final = "rehearsal, not a bill"
"""What is said wherever an amount is shown that nobody has to pay."""


def dollars(usd: str) -> str:
    """An amount for people; the sign goes before the dollar."""
    return f"-${usd[1:]}" if usd.startswith("-") else f"${usd}"


def rehearsed(usd: str | None, whole: str) -> str:
    """How much of an amount nobody has to pay, in words; empty where all of it is to be paid."""
    if usd is None or not usd.strip("0."):
        return ""
    return REHEARSAL if usd == whole else f"of it {dollars(usd)}: {REHEARSAL}"
