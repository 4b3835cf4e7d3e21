"""Faults on demand: what Google's API does on a bad day, whenever a test wants to see it."""
