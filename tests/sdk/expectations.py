"""What a caller must see of each call, whichever client makes it.

Programs tell what they saw in the same words: ``sizes`` of the pictures in pixels, ``signed`` for
each picture (None in clients that have no word for signatures), ``text``, ``finish``; of errors the
``code`` and the ``message`` with all details that the client offers.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

SQUARE: Final = [1024, 1024]
LISTED: Final = {
    "gemini-nano-banana-2.1",
    "gemini-3.1-flash-image",
    "gemini-3.1-flash-lite-image",
    "gemini-3-pro-image",
    "gemini-2.5-flash-image",
}
ENDS_WELL: Final = {"STOP", "stop", "completed", None}


def answer(outcome: Any) -> Any:
    assert "answer" in outcome, outcome.get("trace") or outcome
    return outcome["answer"]


def pictures(*sizes: list[int]) -> Callable[[Any], None]:
    def check(outcome: Any) -> None:
        got = answer(outcome)
        assert got["sizes"] == list(sizes)
        assert got.get("finish") in ENDS_WELL
        assert all(got.get("signed") or [])
        assert got.get("tokens", 1120) >= 1120

    return check


def several_turns(outcome: Any) -> None:
    """Only who sends the signature back has the cat in the second turn: without it, the server
    sees nothing but pixels."""
    turns = answer(outcome)
    assert [turn["sizes"] for turn in turns] == [[SQUARE]] * len(turns)
    assert len(turns) >= 2
    for turn in turns[1:]:
        assert "red cat" in turn["text"], turn["text"]
        assert "night" in turn["text"], turn["text"]


def stream(outcome: Any) -> None:
    pictures(SQUARE)(outcome)
    assert answer(outcome)["chunks"] >= 2


def count_tokens(outcome: Any) -> None:
    assert 1 <= answer(outcome) <= 10


def models(outcome: Any) -> None:
    got = answer(outcome)
    assert {name.rpartition("/")[2] for name in got["listed"]} >= LISTED
    assert got["got"].endswith("gemini-3.1-flash-image")


def model_card(outcome: Any) -> None:
    assert answer(outcome) == {"input": 131072, "shown": "Nano Banana 2"}


def nothing(outcome: Any) -> None:
    assert answer(outcome) == []


def only_image(outcome: Any) -> None:
    pictures(SQUARE)(outcome)
    assert answer(outcome)["text"] == ""


def some(outcome: Any) -> None:
    assert answer(outcome)
    assert all(answer(outcome))


def no_picture(outcome: Any) -> None:
    got = answer(outcome)
    assert (got["finish"], got["sizes"]) == ("NO_IMAGE", [])


def old_id(outcome: Any) -> None:
    pictures(SQUARE)(outcome)
    version = answer(outcome).get("version", "gemini-3.1-flash-image")  # some clients keep it back
    assert version.startswith("gemini-3.1-flash-image")
    assert "preview" not in version


def files(outcome: Any) -> None:
    got = answer(outcome)
    pictures([1264, 848])(outcome)
    assert got["file"][1] == "image/png"
    assert int(got["file"][0]) > 70
    assert got["listed"]
    assert got["gone"] in {403, 404}


def interactions(outcome: Any) -> None:
    for one in answer(outcome):
        assert one == {"sizes": [SQUARE], "status": "completed"}


def interactions_stream(outcome: Any) -> None:
    events = answer(outcome)
    assert events[0] in {"interaction.created", "interaction.start"}  # the second was its name once
    assert {"step.delta", "content.delta"} & set(events)
    assert events[-1] in {"interaction.completed", "interaction.complete"}


def responses(outcome: Any) -> None:
    got = answer(outcome)
    assert [turn["sizes"] for turn in got["turns"]] == [[SQUARE]] * 3
    assert {turn["status"] for turn in got["turns"]} == {"completed"}
    assert "night" in got["turns"][1]["text"]
    assert "red cat" in got["turns"][1]["text"]
    assert got["gone"] == 404


def responses_stream(outcome: Any) -> None:
    got = answer(outcome)
    assert got["sizes"] == [SQUARE]
    assert got["events"][0] == "response.created"
    assert "response.image_generation_call.completed" in got["events"]
    assert got["events"][-1] == "response.completed"


def finished_only(outcome: Any) -> None:
    assert answer(outcome) == ["image_generation.completed"]


def chat_no_picture(outcome: Any) -> None:
    got = answer(outcome)
    assert got["sizes"] == []
    assert "does not ask for a picture" in got["text"]


def error(code: int, *words: str, classes: tuple[str, ...] = ()) -> Callable[[Any], None]:
    """The server's error in one of the clients' own ``classes``, its code and words readable."""

    def check(outcome: Any) -> None:
        assert "error" in outcome, outcome.get("trace") or outcome
        got = outcome["error"]
        assert got["code"] == code, got
        assert not classes or got["class"] in classes, got
        text = json.dumps(got, ensure_ascii=False)
        for word in words:
            assert word in text

    return check


EXPECTED: Final[Mapping[str, Callable[[Any], None]]] = {
    "text_to_image": pictures(SQUARE),
    "ratio_and_size": pictures([2752, 1536]),
    "edit": pictures([1264, 848]),  # the ratio follows the picture, 320x200
    "edit_pil": pictures([1264, 848]),
    "edit_several": pictures([1264, 848]),
    "edit_mask": pictures([1264, 848]),
    "several": pictures(SQUARE, SQUARE),
    "as_url": pictures(SQUARE),
    "several_turns": several_turns,
    "ratio_and_size_words": pictures([2752, 1536]),
    "named_size": pictures([1264, 848]),
    "image_model": pictures([1376, 768]),
    "image_model_edit": pictures([1264, 848]),
    "chat_edit": pictures([1264, 848]),
    "chat_ratio": pictures([2752, 1536]),
    "variation": pictures(SQUARE),
    "responses": responses,
    "responses_stream": responses_stream,
    "stream_without_partials": finished_only,
    "chat_no_picture": chat_no_picture,
    "asynchronous": pictures(SQUARE),
    "stream": stream,
    "chat_stream": stream,
    "only_image": only_image,
    "thoughts": some,
    "count_tokens": count_tokens,
    "models": models,
    "model_card": model_card,
    "tuned_models": nothing,
    "files": files,
    "interactions": interactions,
    "interactions_stream": interactions_stream,
    "imagen_generate": pictures([1408, 768], [1408, 768]),
    "imagen_edit": pictures([320, 200]),
    "imagen_upscale": pictures([640, 400]),
    "no_picture": no_picture,
    "old_id": old_id,
    "wrong_value": error(400, "9:21"),
    "unsupported_value": error(400, "4K"),
    "unknown_model": error(404, "gemini-9-image"),
    "truncated_picture": error(400, "contents[0].parts[0]"),
    "too_many_pictures": error(400, "15"),
    "bad_key": error(400, "API key not valid"),
    "another_project": error(403, "somebody-elses"),
}
"""A call's name -> what must be seen of it."""

BAD_REQUEST: Final = ("Refused", "BadRequestError", "APICallError", "ModelRequestRejectedError")
NOT_FOUND: Final = ("Refused", "NotFoundError", "APICallError", "ModelNotFoundError")
UNKNOWN: Final = ("Refused", "AuthenticationError", "APICallError", "ModelAuthenticationError")
OPENAI: Final[Mapping[str, Callable[[Any], None]]] = {
    "no_picture": error(400, "does not ask for a picture", classes=BAD_REQUEST),
    "wrong_value": error(400, "9:21", classes=BAD_REQUEST),
    "unknown_model": error(404, "gemini-9-image", "model_not_found", classes=NOT_FOUND),
    "truncated_picture": error(400, "image", classes=BAD_REQUEST),
    "too_many_pictures": error(400, "15", classes=BAD_REQUEST),
    "bad_key": error(401, "invalid_api_key", classes=UNKNOWN),
    "stream": pictures(SQUARE),  # previews may be none: sketch draws at once
}
"""What differs for clients that speak OpenAI's dialect."""


def expected(call: str, dialect: str) -> Callable[[Any], None]:
    """The check of a call for a client of this dialect."""
    return (OPENAI if dialect == "openai" else {}).get(call) or EXPECTED[call]
