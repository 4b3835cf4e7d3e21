"""Members of a passing body are changed, and everything around them stays as it was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.wire.cut import cut
from pisang.wire.splice import NotJson, Splice

LONG = "iVBORw0K" * 400
values = st.recursive(
    st.none() | st.integers() | st.text() | st.just(LONG) | st.sampled_from(['"},', "\\", "]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=3) | st.sampled_from("abcde"), values, max_size=5)


@given(objects, st.sampled_from([None, 1]), st.sets(st.integers(0, 4)), st.booleans())
def test_members_leave_and_join_and_the_others_keep_their_bytes(
    value: dict[str, Any], indent: int | None, gone: set[int], adding: bool
) -> None:
    raw = json.dumps(value, indent=indent, ensure_ascii=False).encode()
    splice = Splice(cut(raw))
    members = splice.members(splice.root)
    assert len(members) == len(value)
    left = {member for index, member in enumerate(members) if index in gone}
    splice.change(splice.root, members, without=left, adding=b'"new":1' if adding else b"")
    told = json.loads(b"".join(splice.pieces()))
    kept = {name: v for index, (name, v) in enumerate(value.items()) if index not in gone}
    assert told == ({"new": 1} if adding and "new" not in kept else {}) | kept
    if not left and not adding:
        assert splice.pieces()[0] is raw


@given(st.lists(values, max_size=4), st.data())
def test_a_value_is_replaced_where_it_stands(value: list[Any], data: st.DataObject) -> None:
    raw = json.dumps({"x": LONG, "list": value}).encode()
    splice = Splice(cut(raw))
    _, member = splice.members(splice.root)
    items = splice.items(member.value)
    assert len(items) == len(value)
    for index in data.draw(st.sets(st.integers(0, len(value) - 1)) if value else st.just(set())):
        splice.replace(items[index], splice.end(items[index]), b'"new"')
        value[index] = "new"
    assert json.loads(b"".join(splice.pieces())) == {"x": LONG, "list": value}


def test_a_lone_value_is_its_own_list_and_has_no_members() -> None:
    splice = Splice(cut(b' "a" '))
    assert splice.items(splice.root) == [1]
    assert splice.members(splice.root) == []
    assert splice.read(splice.root) == "a"


@pytest.mark.parametrize(
    "raw", [b"{", b'{"a"}', b'{"a" 1}', b'{"a":1 "b":2}', b"{1:2}", b"[" * 9999]
)
def test_what_is_no_json_is_told(raw: bytes) -> None:
    splice = Splice(cut(raw))
    look = splice.members if raw.startswith(b"{") else splice.items
    with pytest.raises(NotJson):
        look(splice.root)
