"""Google's own test suite for its Python SDK, run against pisang."""
