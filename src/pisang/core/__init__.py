"""The words of pisang: frozen values that every room shares, and no deeds (standard library only)."""
