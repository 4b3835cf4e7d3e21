"""What the programs of all Python clients share: what they are told, pictures to send, and one
JSON object as their answer.

A program runs in an environment that holds its client and Pillow, so it knows nothing of pisang.
It is started as ``python NAME_program.py TARGET``; TARGET is a JSON object: the server's ``url``,
a ``key``, ``mode`` (how the client is set up), ``calls`` (the functions of the program to run) and,
for Google Cloud's sign-in, ``project``. Under each call's name comes its ``answer``, the ``error``
that the server sent, as the client tells it, or what the client itself ``raised``.
"""

import io
import json
import sys
import traceback
import warnings
from importlib import metadata

from PIL import Image

MODEL = "gemini-3.1-flash-image"
SCENE = "A red cat next to a tree, with the text 'Hello' at the bottom"
NIGHT = "now make it night"
BAD_KEY = "AIza-not-a-key"


def told() -> dict:
    return json.loads(sys.argv[1])


def picture_bytes(color=(200, 40, 40), size=(320, 200), form="PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, form)
    return buffer.getvalue()


def mask_bytes() -> bytes:
    """Opaque on the left half, clear (to be painted) on the right."""
    mask = Image.new("RGBA", (320, 200), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (160, 0, 320, 200))
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()


def size_of(data: bytes) -> list[int]:
    """Width and height of an encoded picture, all of which is decoded."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return list(picture.size)


def run(names: dict, package: str = "", *, error, version: str = "") -> None:
    """Runs the calls asked for. ``error`` tells what an exception says, if the server said it."""
    warnings.simplefilter("ignore")  # clients warn of their own retirement
    answers = {"version": version or metadata.version(package)}
    for call in told()["calls"]:
        try:
            answers[call] = {"answer": names[call]()}
        except Exception as raised:
            said = error(raised)
            if said is not None:
                answers[call] = {"error": {"class": type(raised).__name__, **said}}
            else:
                text = f"{type(raised).__name__}: {raised}"
                answers[call] = {"raised": text, "trace": traceback.format_exc()}
    json.dump(answers, sys.stdout)
