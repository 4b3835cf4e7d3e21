"""The messages of a chat as contents: who says what, and what of it we said ourselves before.

A turn of the assistant is read as any client gives it back: with ``images`` as we wrote them, with
the pictures inside its text, or with a signature of Google's in ``extra_content``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from pisang.core.content import Content, Part, Role
from pisang.wire.base64 import BadBase64, decode_base64
from pisang.wire.gemini import schema
from pisang.wire.openai.messages import read_content, sniffed
from pisang.wire.openai.schema import (
    Parameters,
    WrongParameter,
    read_object,
    read_picture,
    wrong_choice,
)

MOST_MESSAGES: Final = 2000


@dataclass(slots=True)
class Talk:
    """The messages as contents, and where each part of them came from."""

    contents: list[Content] = field(default_factory=list)
    system: list[Part] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, role: Role, parts: Iterable[Part], place: str) -> None:
        told = tuple(parts)
        if not told:
            return
        for index in range(len(told)):
            self.places[f"contents[{len(self.contents)}].parts[{index}]"] = place
        self.contents.append(Content(role, told))


def read_messages(root: Parameters) -> Talk:
    """Reads ``messages``. Raises ``WrongParameter`` for one that is none, and where none asks."""
    items = root.items("messages")
    if not items:
        raise WrongParameter(
            "Invalid 'messages': send at least one message that says what the picture should show.",
            param="messages",
            code="missing_required_parameter",
        )
    if len(items) > MOST_MESSAGES:
        raise WrongParameter(
            f"Invalid 'messages': at most {MOST_MESSAGES}, got {len(items)}.", param="messages"
        )
    talk = Talk()
    for path, value in items:
        message = read_object(value, path)
        role = message.text("role") or ""
        if role in ("system", "developer"):
            talk.system += read_content(message, "content", pictures=False)
        elif role == "user":
            talk.add(Role.USER, read_content(message, "content"), message.at("content"))
        elif role == "assistant":
            talk.add(Role.MODEL, _read_assistant(message), path)
        elif role in ("tool", "function"):
            raise WrongParameter(
                f"Invalid '{path}.role': '{role}'. Image models call no tools, so there is none "
                "that could answer. Leave the message out.",
                param=f"{path}.role",
            )
        else:
            allowed = ("system", "developer", "user", "assistant")
            raise wrong_choice(f"{path}.role", role, allowed)
    if not talk.contents:
        raise WrongParameter(
            "Invalid 'messages': no message of the user says anything. Send a message with role "
            "'user' that says what the picture should show.",
            param="messages",
        )
    return talk


def _read_assistant(message: Parameters) -> list[Part]:
    """What we said before, as any client gives it back: ``content`` with or without pictures in
    it, and ``images`` as we wrote them."""
    if message.take("tool_calls") or message.take("function_call"):
        raise WrongParameter(
            f"Invalid '{message.at('tool_calls')}': image models call no tools. Leave it out.",
            param=message.at("tool_calls"),
        )
    parts = list(read_content(message, "content"))
    refusal = message.text("refusal")
    if refusal and not parts:
        parts.append(Part(text=refusal))
    for path, value in message.items("images"):
        item = read_object(value, path) if not isinstance(value, str) else None
        picture = _returned(item, path) if item else read_picture(str(value), path)
        if not any(part.blob == picture.blob for part in parts if part.blob):
            parts.append(sniffed(picture))
    return _with_signature(parts, _signature(message))


def _returned(item: Parameters, path: str) -> Part:
    """One of ``images``: an address in ``image_url``, as an object or as a text."""
    url = item.take("image_url") or item.take("url")
    if isinstance(url, dict):
        url = url.get("url")
    if not isinstance(url, str):
        raise WrongParameter(
            f"Invalid '{path}': expected an object like "
            '{"type": "image_url", "image_url": {"url": "data:image/png;base64,..."}}.',
            param=path,
        )
    picture = read_picture(url, f"{path}.image_url.url")
    return replace(picture, thought_signature=_signature(item))


def _with_signature(parts: list[Part], signature: bytes | None) -> list[Part]:
    """A signature of the whole message stands on its first part, as Google puts it."""
    if signature and parts and not parts[0].thought_signature:
        parts[0] = replace(parts[0], thought_signature=signature)
    return parts


def _signature(fields: Parameters) -> bytes | None:
    """``extra_content.google.thought_signature``, as Google's layer carries it."""
    extra = fields.nested("extra_content")
    google = extra.nested("google") if extra else None
    said = google.text("thought_signature") if google else None
    if not google or not said:
        return None
    if said in schema.SIGNATURE_BYPASSES:
        return schema.SIGNATURE_BYPASSES[said]
    try:
        return decode_base64(said)
    except BadBase64 as error:
        path = google.at("thought_signature")
        raise WrongParameter(f"Invalid base64 in '{path}': {error}", param=path) from None
