"""Servers that speak OpenAI's API: OpenAI itself, relays that resell Google's models, and image
servers of one's own."""
