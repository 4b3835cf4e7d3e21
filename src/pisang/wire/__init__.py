"""Dialects: bytes from outside to core values and back; pure functions, no input or output."""
