"""A picture's memory survives a client, and nobody but us can write one."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from pisang.engines.sketch.scene import Scene, TextRun
from pisang.engines.sketch.signature import Memory, _mac, pack, unpack

KEY = b"k" * 32
SCENE = Scene(texts=(TextRun(id="t1", words="Happy Birthday!"),))


@given(words=st.text(), seed=st.integers(0, 2**32 - 1))
def test_what_is_packed_is_unpacked(words: str, seed: int) -> None:
    memory = Memory(Scene(texts=(TextRun(id="t1", words=words),)), seed)
    assert unpack(pack(memory, KEY), KEY) == memory


@given(data=st.binary(max_size=200))
def test_other_bytes_are_no_memory(data: bytes) -> None:
    assert unpack(data, KEY) is None
    assert unpack(b"psk1" + data, KEY) is None


def test_no_signature_is_no_memory() -> None:
    assert unpack(None, KEY) is None


def test_a_changed_byte_is_refused_wherever_it_is() -> None:
    signature = pack(Memory(SCENE, 7), KEY)
    for at in range(len(signature)):
        damaged = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        assert unpack(damaged, KEY) is None


def test_another_key_reads_nothing() -> None:
    assert unpack(pack(Memory(SCENE, 7), KEY), b"o" * 32) is None


def test_a_scene_of_a_later_version_is_edited_as_pixels() -> None:
    body = zlib.compress(b"\0\0\0\1" + b'{"hologram": true}')
    signed = b"psk1" + _mac(body, KEY) + body
    assert unpack(signed, KEY) is None


def test_a_usual_signature_is_small() -> None:
    assert len(pack(Memory(SCENE, 7), KEY)) < 200
