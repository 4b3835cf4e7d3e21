"""What may stand in the audit log: everything that was changed, but no secret and no prompt.

The log is read by more people than may know a secret, and it is never shortened. So a secret is
written as a few letters of its digest: enough to see that it was changed, or changed back, and
nothing to sign in with. Two rules find secrets: the name of a field, and how a text looks, because
a key that is pasted into the wrong field is still a key.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

SECRET_NAMES: Final = re.compile(
    r"key|credential|token|secret|password|passphrase|authorization|cookie|header|private",
    re.IGNORECASE,
)
"""Names of fields whose texts are secrets, wherever in the name it stands."""

PROMPT_NAMES: Final = frozenset(
    {
        "prompt",
        "negative_prompt",
        "negativePrompt",
        "contents",
        "instances",
        "messages",
        "input",
        "systemInstruction",
        "system_instruction",
        "instructions",
    }
)
"""Names of fields that hold what a caller asked for."""

NO_PROMPT: Final = "(a prompt)"
_LONGEST: Final = 20_000  # characters of one text

# What only says where a secret is, and the identifiers of core/ids.py, which open nothing.
_REFERENCE: Final = re.compile(r"(?:env|file):.+|adc|sha256:[0-9a-f]+", re.DOTALL)
_IDENTIFIER: Final = re.compile(r"[a-z]{2,8}_[0-9a-hjkmnp-tv-z]{26}")

_PEM: Final = re.compile(r"-----BEGIN.*?(?:-----END[^-]*-----|\Z)", re.DOTALL)
_USER: Final = re.compile(r"(?<=://)[^/\s@]+(?=@)")  # https://name:password@host
_WORD: Final = re.compile(r"[A-Za-z0-9_.+~-]{16,}=*")
_KEYS: Final = (
    *("psk_", "pst_", "pss_", "whsec_"),  # of this server
    *("AIza", "AQ.", "ya29.", "eyJ"),  # of Google, and signed tokens
    *("sk-", "xai-", "gsk_", "hf_", "AKIA", "glpat-", "ghp_", "gho_", "ghs_", "ghu_", "ghr_"),
)
_KEY: Final = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, _KEYS))})")
_HEX: Final = re.compile(r"[0-9a-fA-F]{32,}")
_LONG: Final = 32  # letters of large and small and digits: no word that a person made up


def safe(value: Any, *, prompts: bool = False) -> Any:
    """The value without its secrets, and without prompts unless these may stay."""
    return _safe(value, secret=False, prompts=prompts)


def digest_of(secret: str) -> str:
    """What stands for a secret."""
    return f"sha256:{hashlib.sha256(secret.encode(errors='surrogateescape')).hexdigest()[:8]}"


def _safe(value: Any, *, secret: bool, prompts: bool) -> Any:
    if isinstance(value, Mapping):
        return {
            str(name): NO_PROMPT
            if not prompts and name in PROMPT_NAMES
            else _safe(each, secret=secret or bool(SECRET_NAMES.search(str(name))), prompts=prompts)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        ordered = value if isinstance(value, list | tuple) else sorted(value)
        return [_safe(each, secret=secret, prompts=prompts) for each in ordered]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _text(str(value), secret=secret)


def _text(text: str, *, secret: bool) -> str:
    if not text or _REFERENCE.fullmatch(text) or _IDENTIFIER.fullmatch(text):
        return text
    if secret:
        return digest_of(text)
    text = _PEM.sub(lambda found: digest_of(found[0]), text)
    text = _USER.sub(lambda found: digest_of(found[0]), text)
    text = _WORD.sub(_word, text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def _word(found: re.Match[str]) -> str:
    word = found[0]
    if _IDENTIFIER.fullmatch(word):
        return word
    mixed = (
        len(word) >= _LONG
        and any(letter.isupper() for letter in word)
        and any(letter.islower() for letter in word)
        and any(letter.isdigit() for letter in word)
    )
    return digest_of(word) if mixed or _KEY.search(word) or _HEX.fullmatch(word) else word
