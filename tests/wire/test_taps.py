"""What is picked out of an answer that cannot be read as a whole."""

from pisang.wire.taps import Scraps


def test_the_last_value_that_stands_whole_is_found() -> None:
    head = b'{"usage": {"a": 1}, "reason": "STOP", "usage": {"a": 2}, "usa'
    tail = b'ge": {"a": 3}, "usage": {"a": [4'
    scraps = Scraps(head, tail)
    assert scraps.last("usage") == {"a": 2}
    assert scraps.last("other", "reason") == scraps.words("reason") == "STOP"
    assert scraps.words("usage") == scraps.words("nothing") == ""
    assert scraps.count("usage", "reason") == 4


def test_what_stands_in_the_tail_comes_after_the_head() -> None:
    assert Scraps(b'"a": 1,', b'"a": 2').last("a") == 2
    assert Scraps(b'"a": 1,', b'"a": null').last("a") == 1


def test_names_inside_texts_are_none() -> None:
    assert Scraps(b'"text": "he wrote \\"usage\\": {}"').last("usage") is None


def test_nothing_that_is_no_text_breaks_it() -> None:
    assert Scraps(b"\xff\xfe" + b'"a":' + b"[" * 100_000).last("a") is None
