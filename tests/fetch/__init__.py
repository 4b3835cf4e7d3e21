"""The guarded fetcher, against servers that mean no good."""
