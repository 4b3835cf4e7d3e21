"""Moving a model from AI Studio to Vertex AI is one changed line, and no client notices.

Google's own client talks to one pisang, which asks another: as the Developer API by key, then as
Vertex AI by service account. The second one draws the same picture for the same words, so every
answer must be the same but for what is new each time.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from tests.live import Account, Live, account, live, started

__all__ = ["account", "live"]

MODEL = "gemini-3.1-flash-image"
_ROUTE = '[[routes]]\nmodel = "*"\nengines = ["{engine}"]\n'


@contextmanager
def in_front_of(folder: Path, behind: Live, account: Account, engine: str) -> Iterator[Live]:
    """A server whose only route leads to ``engine``; the one line that is changed is its name."""
    folder.mkdir()
    (folder / "sa.json").write_bytes(account.file.read_bytes())
    (folder / "pisang.toml").write_text(
        f"""
[engines.studio]
kind = "google"
api_keys = ["{behind.key}"]
base_url = "{behind.url}"

[engines.cloud]
kind = "vertex"
project = "{account.project}"
location = "global"
credentials = "file:sa.json"
base_url = "{behind.url}"

{_ROUTE.format(engine=engine)}"""
    )
    with started(folder) as server:
        yield server


def _said(server: Live) -> list[Any]:
    """What a client of Google's sees: pictures, texts, a chat that goes on, tokens, errors."""
    client = genai.Client(api_key=server.key, http_options={"base_url": server.url})
    config = types.GenerateContentConfig(
        image_config=types.ImageConfig(aspect_ratio="16:9"),
        service_tier=types.ServiceTier.FLEX,
        safety_settings=[
            types.SafetySetting(
                category=types.HarmCategory.HARM_CATEGORY_HARASSMENT,
                threshold=types.HarmBlockThreshold.BLOCK_ONLY_HIGH,
            )
        ],
    )
    seen: list[Any] = []
    whole = client.models.generate_content(model=MODEL, contents="A red fox", config=config)
    seen.append(_parts(whole))
    chunks = client.models.generate_content_stream(model=MODEL, contents="A blue boat")
    seen.extend(_parts(chunk) for chunk in chunks)
    chat = client.chats.create(model="gemini-3-pro-image")
    seen.append(_parts(chat.send_message("A house by a lake")))
    seen.append(_parts(chat.send_message("Make it night")))
    seen.append(client.models.count_tokens(model=MODEL, contents="A red fox").total_tokens)
    for wrong in ({"image_size": "8K"}, {"aspect_ratio": "9:21"}):
        with pytest.raises(errors.ClientError) as caught:
            client.models.generate_content(
                model=MODEL,
                contents="A red fox",
                config=types.GenerateContentConfig(image_config=types.ImageConfig(**wrong)),
            )
        seen.append((caught.value.code, caught.value.status, caught.value.message))
    return seen


def _parts(answer: types.GenerateContentResponse) -> list[Any]:
    assert answer.candidates
    assert answer.usage_metadata
    content = answer.candidates[0].content
    return [
        answer.model_version,
        answer.candidates[0].finish_reason,
        answer.usage_metadata.total_token_count,
        [
            (part.text, part.inline_data and part.inline_data.data, bool(part.thought_signature))
            for part in (content and content.parts) or []
        ],
    ]


def test_no_client_notices_that_a_model_moved_to_vertex(
    live: Live, account: Account, tmp_path: Path
) -> None:
    with in_front_of(tmp_path / "studio", live, account, "studio") as server:
        before = _said(server)
    with in_front_of(tmp_path / "cloud", live, account, "cloud") as server:
        after = _said(server)
    log = (tmp_path / "cloud" / "log").read_text()
    one, other = ((tmp_path / name / "pisang.toml").read_text() for name in ("studio", "cloud"))
    changed = [(a, b) for a, b in zip(one.splitlines(), other.splitlines(), strict=True) if a != b]
    assert changed == [('engines = ["studio"]', 'engines = ["cloud"]')]
    assert after == before
    assert "cloud" in log
    assert not re.search(r"Traceback", log)
    assert live.key not in log
