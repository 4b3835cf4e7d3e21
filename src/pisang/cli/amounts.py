"""Amounts of money as commands print them: ``$5.00`` for what the admin API writes as ``5.00``."""


def dollars(usd: str) -> str:
    """An amount for people; the sign goes before the dollar."""
    return f"-${usd[1:]}" if usd.startswith("-") else f"${usd}"
