"""The memory of a picture: its Scene and seed, packed and signed into a ``thoughtSignature``.

A stateless client hands the signature back with the next turn, so an unmodified SDK chat can edit
the last picture without any store of ours. Layout: ``psk1``, 16 bytes of HMAC-SHA256, then zlib
over ``seed`` (4 bytes, big-endian) and the scene's JSON. The key is the ``signing_key`` setting;
replicas that share it can continue each other's conversations.
"""

import hashlib
import hmac
import zlib
from dataclasses import dataclass

from pydantic import ValidationError

from pisang.engines.sketch.scene import Scene, dump, load

_MAGIC = b"psk1"
_MAC_BYTES = 16
_MAX_SCENE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Memory:
    """What is needed to draw a picture again, or to change it: ``seed`` is below 2**32."""

    scene: Scene
    seed: int


def pack(memory: Memory, key: bytes) -> bytes:
    """Writes a memory as signed bytes; usually a few hundred of them."""
    body = zlib.compress(memory.seed.to_bytes(4, "big") + dump(memory.scene), 9)
    return _MAGIC + _mac(body, key) + body


def unpack(signature: bytes | None, key: bytes) -> Memory | None:
    """Reads what ``pack`` wrote.

    None for anything else: another vendor's signature, one of another key, a damaged one. The
    picture it came with is then edited as pixels.
    """
    if signature is None or not signature.startswith(_MAGIC):
        return None
    start = len(_MAGIC) + _MAC_BYTES
    body = signature[start:]
    if not hmac.compare_digest(signature[len(_MAGIC) : start], _mac(body, key)):
        return None
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(body, _MAX_SCENE_BYTES)
        return Memory(load(data[4:]), int.from_bytes(data[:4], "big"))
    except (zlib.error, ValidationError):  # signed by a version whose scenes had other fields
        return None


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, _MAGIC + body, hashlib.sha256).digest()[:_MAC_BYTES]
