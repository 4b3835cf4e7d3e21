"""What Google calls its services and the details of its errors: words that stand on the wire."""

from typing import Final

GEMINI: Final = "generativelanguage.googleapis.com"
VERTEX: Final = "aiplatform.googleapis.com"

TYPE: Final = "type.googleapis.com/google.rpc."
"""What stands before the name of a detail of an error."""
