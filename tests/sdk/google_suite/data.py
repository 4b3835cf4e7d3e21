"""The files that Google's suite reads and its wheel leaves out, drawn or written anew."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = (
    "google.png",
    "google.jpg",
    "bridge1.png",
    "checkerboard.png",
    "dog.jpg",
    "man.jpg",
    "a-man-and-a-dog.png",
    "google_homepage.png",
    "skateboard_stop_sign.jpg",
    "segmentation_scribble.jpg",
)
IN_BUCKETS = (
    "generativeai-downloads/images/scones.jpg",
    "cloud-samples-data/generative-ai/image/a-man-and-a-dog.png",
    "cloud-samples-data/vertex-ai/llm/prompts/landmark1.png",
    "cloud-samples-data/vertex-ai/llm/prompts/landmark2.png",
    "genai-sdk-tests/inputs/images/pants.jpg",
    "genai-sdk-tests/inputs/images/man.jpg",
    "genai-sdk-tests/inputs/images/dog.jpg",
    "genai-sdk-tests/inputs/images/cyberpunk.jpg",
    "unified-genai-dev/image.jpg",
    "unified-genai-dev/imagen-inputs/google_small.png",
)
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def write(folder: Path) -> str:
    """Writes ``tests/data`` and the buckets; returns the ``buckets`` setting for the server."""
    for name in PICTURES:
        _write(folder / "tests/data" / name, picture(name))
    for name in IN_BUCKETS:
        _write(folder / "buckets" / name, picture(name))
    others = {
        "story.pdf": _PDF,
        "story.txt": b"Once upon a time.\n",
        "animal.mp4": b"\0\0\0\x18ftypmp42" + bytes(64),
        "pixel.m4a": b"\0\0\0\x18ftypM4A " + bytes(64),
        "voice_sample.wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(32),
    }
    for name, content in others.items():
        _write(folder / "tests/data" / name, content)
    buckets = {name.partition("/")[0] for name in IN_BUCKETS}
    return ":".join(f"{name}={folder / 'buckets' / name}" for name in sorted(buckets))


def picture(name: str) -> bytes:
    """A small picture, in the format of its name."""
    image = Image.new("RGB", (256, 256), (70, 120, 200))
    ImageDraw.Draw(image).ellipse((64, 64, 192, 192), fill=(240, 200, 60))
    buffer = io.BytesIO()
    image.save(buffer, "PNG" if name.endswith("png") else "JPEG")
    return buffer.getvalue()


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
