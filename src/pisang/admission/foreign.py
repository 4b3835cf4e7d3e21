"""What a secret is that is none of ours: another server's, a file, or no value at all.

A client takes its key from the environment, so the commonest mistake is a variable that still holds
what somebody else gave out. The answer names what was sent, by its first letters, and the cure; it
never repeats the secret.
"""

import re
from typing import Final

_OURS: Final = "this server has keys of its own (`pisang keys create`)."

_KINDS: Final = (
    # What the secret looks like, and what its sender should know.
    (r"ya29\..*", f"This is an access token of Google's: {_OURS}"),
    (r"(?:AIza|AQ\.).*", f"This is an API key of Google's: {_OURS}"),
    (r"sk-.*", f"This is an API key of OpenAI's, or of a server like it: {_OURS}"),
    (
        r"\{.*",
        "This is the content of a JSON file. A client finds the file of a service account by "
        "GOOGLE_APPLICATION_CREDENTIALS=PATH, and signs in with it by itself.",
    ),
    (
        r"\S*\.json",
        "This is the name of a file. Set GOOGLE_APPLICATION_CREDENTIALS to it, and leave the key "
        "out.",
    ),
    (r"(?i:bearer)\s.*", "The word Bearer is part of this key: send what follows it."),
    (r"([\"'`]).*\1|[\"'`].*|.*[\"'`]", "The key came with quotation marks: leave them out."),
    (
        r"\$.*|%\w+%|<.*>|\{\{.*|(?i:none|null|undefined|(?:your|my)[-_ ].*|x{3,})",
        "This is a placeholder: the variable that should hold the key was not set.",
    ),
    (r"key_.*", "This is the id of a key, not the key: `pisang keys create` prints one."),
)


def cure(secret: str) -> str:
    """One sentence about a secret that is none of this server's; empty where nothing is known."""
    for pattern, sentence in _KINDS:
        if re.fullmatch(pattern, secret[:4096], re.DOTALL):
            return sentence
    return ""
