"""Pictures that are kept for callers for a while, and the links by which they are fetched."""
