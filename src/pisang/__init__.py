"""pisang: a self-hosted Nano Banana API.

Nothing heavy is imported here, because every command line call pays for it.
"""

__version__ = "0.2.0"
