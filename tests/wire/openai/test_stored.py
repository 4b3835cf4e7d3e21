"""A stored response: read again as it was said, found by its items, shown page by page."""

import json

import pytest

from pisang.core.content import Blob, Content, Part, Role, Use
from pisang.wire.openai import stored
from pisang.wire.openai.schema import WrongParameter
from tests.wire.openai.test_messages import PNG

ASKED = (
    Content(Role.USER, (Part(text="a cat"), Part(blob=Blob("image/png", PNG)))),
    Content(Role.MODEL, (Part(text="Which colour?"),)),
    Content(Role.USER, (Part(text="red"), Part(blob=Blob("image/png", PNG), use=Use.MASK))),
)
ANSWER = {
    "output": [
        {"type": "message", "id": "msg_1_0", "role": "assistant", "content": "Here it is."},
        {"type": "image_generation_call", "id": "ig_1_1", "result": "not base64"},
    ]
}


def kept(answer: dict[str, object] | None = None) -> bytes:
    body = stored.dump(ASKED, (Part(text="in pencil"),), {}, response_id="resp_1")
    return json.dumps({**json.loads(body), "response": answer or ANSWER}).encode()


def test_what_was_asked_is_read_again_without_masks() -> None:
    said = stored.said_in([kept({"output": ANSWER["output"][:1]})])
    assert [part.text for part in said.system] == ["in pencil"]
    turns = [[part.text or part.blob for part in turn.parts] for turn in said.contents]
    picture = Blob("image/png", PNG)
    assert turns == [["a cat", picture], ["Which colour?"], ["red"], ["Here it is."]]


def test_every_item_asked_or_answered_is_found_by_its_id() -> None:
    items = stored.by_id(kept())
    assert len(items) == 6
    assert items["ig_1_1"] == ANSWER["output"][1]


def test_the_response_is_shown_as_it_was_answered() -> None:
    assert json.loads(b"".join(stored.shown(kept()))) == ANSWER


def test_the_input_is_shown_in_pages() -> None:
    def page(**query: str) -> list[str]:
        shown = json.loads(b"".join(stored.shown_input(kept(), query)))
        assert shown["has_more"] is (query.get("limit") == "3")
        return [item["role"] for item in shown["data"]]

    assert page() == ["user", "assistant", "user", "system"]
    assert page(order="asc", limit="3") == ["system", "user", "assistant"]
    first = next(iter(stored.by_id(kept())))
    assert page(order="asc", after=first) == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    "query", [{"order": "up"}, {"limit": "0"}, {"limit": "9999"}, {"limit": "x"}, {"after": "no"}]
)
def test_a_query_that_names_no_page_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(WrongParameter) as told:
        stored.shown_input(kept(), query)
    assert told.value.field == next(iter(query))
