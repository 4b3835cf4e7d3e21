"""Who exists: projects, and the keys that let callers in."""
