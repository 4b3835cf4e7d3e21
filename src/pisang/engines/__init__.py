"""Stage three of a request: those who turn a request into events. An engine knows no caller."""
