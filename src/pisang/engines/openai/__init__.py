"""Servers that speak OpenAI's API: OpenAI itself, relays that resell Google's models, and image
servers of one's own.

``profiles.py`` says how each kind of them wants to be asked, ``engine.py`` asks, ``links.py``
follows links to pictures, and ``build.py`` makes engines of the settings.
"""

from pisang.engines.openai.build import build

__all__ = ["build"]
