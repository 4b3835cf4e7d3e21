"""The one guarded fetcher of addresses that callers name."""
