"""The sketch engine: reads a prompt, lays it out, paints it, and says honestly what it drew."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pisang.catalog.models import Card
from pisang.core.content import Blob, Use
from pisang.core.errors import EngineFailed, EngineUnavailable, PisangError
from pisang.core.events import Event, Finished, FinishReason, Image, Preview, Started, Text, Thought
from pisang.core.image import Canvas, Pixels
from pisang.core.request import GenerateRequest, Modality
from pisang.engines.sketch import fonts, persons
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.lettering import writable
from pisang.engines.sketch.paint import Seen, paint
from pisang.engines.sketch.paint.enlarge import enlarged
from pisang.engines.sketch.paint.pictures import decode
from pisang.engines.sketch.read import read
from pisang.engines.sketch.reading import Reading
from pisang.engines.sketch.retouch import applies, finished, retouch, spoken, understand
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.sentences import account
from pisang.engines.sketch.setting import settle
from pisang.engines.sketch.signature import Memory, pack
from pisang.engines.sketch.supplies import Supplies, gathered, with_subjects
from pisang.engines.sketch.turns import Conversation, follow

VERSION = "pisang-sketch-1"
_ENLARGED = Reading(Scene(), drawn=("the same picture, larger",))
_NO_PICTURE = frozenset({Modality.TEXT})
NO_PICTURE = (
    "The prompt does not ask for a picture, so none was drawn, and none is charged. "
    "Say what the picture should show, for example: a red cat next to a tree at night."
)


_TO_BE = Image(Blob("image/png", b""))
"""Stands for a picture that is not painted yet."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """One finished drawing; ``pixels`` is None where only text was asked for, ``signature`` where
    no Scene describes the picture. ``refused`` says why nothing was drawn at all."""

    reading: Reading
    pixels: Pixels | None
    signature: bytes | None
    refused: str | None = None


class SketchEngine:
    """Draws in a small pool of threads (libvips lets go of the interpreter while it works).

    ``workers`` pictures are drawn at a time and ``queue`` more may wait; above that the engine is
    unavailable rather than slow. ``font_dirs`` hold fonts the operator added. Reading a prompt
    beforehand waits for no picture: it has a thread of its own.
    """

    name = "sketch"

    def __init__(
        self,
        signing_key: bytes,
        *,
        font_dirs: Sequence[Path] = (),
        workers: int = 2,
        queue: int = 64,
    ) -> None:
        fonts.setup(font_dirs)
        self._key = signing_key
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sketch")
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="sketch-reading")
        self._room = workers + queue

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        """Yields previews where they are asked for, then the plan as thoughts, one sentence, and
        the picture."""
        yield Started(f"{card.id}+{VERSION}")
        seen: asyncio.Queue[Pixels | None] = asyncio.Queue()
        work = asyncio.create_task(self._run(request, canvas, seen))
        try:
            while (pixels := await seen.get()) is not None:
                yield Preview(pixels)
            sketch = await work
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError, PisangError):
                await work
        for said in _said(request, sketch):
            yield said
        if sketch.refused is not None:
            yield Finished(FinishReason.IMAGE_SAFETY, sketch.refused)
        elif sketch.reading.scene is None:
            yield Finished(FinishReason.NO_IMAGE, NO_PICTURE)
        else:
            if sketch.pixels is not None:
                yield Image(sketch.pixels, sketch.signature)
            yield Finished(FinishReason.STOP)

    async def foresee(
        self,
        request: GenerateRequest,
        *,
        card: Card,  # noqa: ARG002
        canvas: Canvas,
    ) -> tuple[Thought | Text | Image, ...]:
        """What ``generate`` will say and draw: the prompt is read and nothing is painted."""
        loop = asyncio.get_running_loop()
        sketch = await loop.run_in_executor(self._readers, _unpainted, request, canvas, self._key)
        parts: tuple[Thought | Text | Image, ...] = tuple(_said(request, sketch))
        drawn = sketch.refused is None and sketch.reading.scene is not None
        return (*parts, _TO_BE) if drawn and request.wants(Modality.IMAGE) else parts

    async def close(self) -> None:
        """Waits for the pictures that are being drawn."""
        for pool in (self._readers, self._pool):
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    async def _run(
        self, request: GenerateRequest, canvas: Canvas, seen: asyncio.Queue[Pixels | None]
    ) -> Sketch:
        """Draws in the pool; ``seen`` gets the previews, and None at the end, good or bad."""
        gone = threading.Event()
        loop = asyncio.get_running_loop()

        def show(pixels: Pixels) -> None:
            loop.call_soon_threadsafe(seen.put_nowait, pixels)

        try:
            with self._place():
                return await loop.run_in_executor(
                    self._pool, self._draw, request, canvas, gone, show
                )
        finally:
            gone.set()
            seen.put_nowait(None)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """A place in the queue. Raises ``EngineUnavailable`` where there is none."""
        if self._room <= 0:
            raise EngineUnavailable(
                "The sketch engine has too much queued. Try again in a few seconds, or raise the "
                "workers setting.",
                retry_after=2,
            )
        self._room -= 1
        try:
            yield
        finally:
            self._room += 1

    def _draw(
        self, request: GenerateRequest, canvas: Canvas, gone: threading.Event, seen: Seen
    ) -> Sketch:
        try:
            return draw(request, canvas, key=self._key, gone=gone.is_set, seen=seen)
        except PisangError:
            raise
        except Exception as cause:
            raise EngineFailed(
                "The sketch engine could not draw this prompt: a defect of pisang, which the "
                "server's log explains. Try other words, and please report it."
            ) from cause


def draw(
    request: GenerateRequest,
    canvas: Canvas,
    *,
    key: bytes,
    gone: Callable[[], bool] = lambda: False,
    seen: Seen = lambda _: None,
) -> Sketch:
    """The whole pipeline for one picture, in the calling thread; ``seen`` is shown its previews.

    Stops between two steps once ``gone`` says that nobody waits for it. Raises a ``RequestError``
    for a supplied picture that cannot be decoded.
    """
    talk, supplies = follow(request.contents, key), gathered(request.contents)
    if request.upscale is not None and supplies.base is not None:
        picture = decode(supplies.base.data)
        return Sketch(_ENLARGED, enlarged(picture, canvas.width, canvas.height), None)
    seed = _seed(request, talk, canvas)
    if applies(request.edit, supplies):
        return _retouched(request, canvas, talk=talk, supplies=supplies, seed=seed)
    reading = _understand(talk, request, supplies)
    if reading.scene is None:
        return Sketch(reading, None, None)
    if refused := persons.refusal(reading.scene, request.image.person_generation):
        return Sketch(reading, None, None, refused)
    scene = persons.emptied(settle(reading.scene), request.image.person_generation)
    memory = Memory(scene, seed)
    pixels = None
    if request.wants(Modality.IMAGE) and not gone():
        sizes = {picture.digest: (picture.width, picture.height) for picture in talk.pictures}
        files = supplies.files() | {digest: blob.data for digest, blob in talk.blobs.items()}
        layers = arrange(memory.scene, canvas=canvas, seed=seed, sizes=sizes | supplies.sizes())
        if not gone():
            pixels = paint(
                layers,
                seed=seed,
                pictures=files.__getitem__,
                transparent=request.image.transparent,
                previews=request.previews,
                seen=seen,
            )
            pixels = finished(pixels, supplies)
    return Sketch(reading, pixels, pack(memory, key))


def _said(request: GenerateRequest, sketch: Sketch) -> Iterator[Thought | Text]:
    """The plan as thoughts, and one text where text is wanted."""
    for thought in sketch.reading.thoughts:
        yield Thought(thought)
    if sketch.refused is not None or not request.wants(Modality.TEXT):
        return
    if sketch.reading.scene is None:
        yield Text(NO_PICTURE)  # a chat shows what was said, not how it finished
    else:
        yield Text(account(sketch.reading), sketch.signature)


def _unpainted(request: GenerateRequest, canvas: Canvas, key: bytes) -> Sketch:
    """The pipeline up to the point where the picture would be painted."""
    if request.upscale is not None and gathered(request.contents).base is not None:
        return Sketch(_ENLARGED, None, None)
    return draw(replace(request, modalities=_NO_PICTURE), canvas, key=key)


def _retouched(
    request: GenerateRequest,
    canvas: Canvas,
    *,
    talk: Conversation,
    supplies: Supplies,
    seed: int,
) -> Sketch:
    """An edit of one part of a picture. Its pixels say more than any Scene could."""
    reading = understand(" ".join(talk.words), request.negative, supplies)
    if reading.scene is not None:
        refused = persons.refusal(reading.scene, request.image.person_generation)
        if refused:
            return Sketch(reading, None, None, refused)
    pixels = None
    if request.wants(Modality.IMAGE):
        pixels = retouch(request, canvas, reading=reading, supplies=supplies, seed=seed)
    return Sketch(replace(reading, scene=reading.scene or Scene()), pixels, None)


def _understand(talk: Conversation, request: GenerateRequest, supplies: Supplies) -> Reading:
    """Reads every unanswered turn in order, each on top of the scene before it."""
    system = request.system_instruction
    scene = talk.memory.scene if talk.memory else None
    reading = Reading(None)
    *earlier, last = talk.words
    for words in (*earlier, last if talk.pictures else spoken(last, request.negative, supplies)):
        reading = read(words, previous=scene, pictures=talk.pictures)
        scene = reading.scene or scene
    if supplies.of(Use.SUBJECT):
        reading = replace(reading, scene=with_subjects(reading.scene, supplies.of(Use.SUBJECT)))
    if reading.scene is None:
        return reading
    scene, notes = writable(
        _with_pictures(reading.scene, talk.blobs.keys() | supplies.files().keys())
    )
    if len(scene.pictures) < len(reading.scene.pictures):
        notes += ("A picture of an earlier turn did not come back with this one; it is left out.",)
    if system is not None and talk.memory is None:
        scene = _in_the_manner_of(scene, read(system.text, previous=None, pictures=()).scene)
    return replace(reading, scene=scene, notes=reading.notes + notes)


def _with_pictures(scene: Scene, digests: Set[str]) -> Scene:
    kept = tuple(picture for picture in scene.pictures if picture.digest in digests)
    return (
        scene if len(kept) == len(scene.pictures) else scene.model_copy(update={"pictures": kept})
    )


def _in_the_manner_of(scene: Scene, manner: Scene | None) -> Scene:
    """A system instruction sets style and, where the prompt names none, the ground."""
    if manner is None:
        return scene
    update: dict[str, object] = {}
    if manner.style is not Scene().style:
        update["style"] = manner.style
    if scene.backdrop == Scene().backdrop:
        update["backdrop"] = manner.backdrop
    return scene.model_copy(update=update)


def _seed(request: GenerateRequest, talk: Conversation, canvas: Canvas) -> int:
    """The caller's seed, else that of the picture being edited, else one from the request itself.

    So the same request gives the same pixels, and an edit keeps the composition it edits.
    """
    if request.sampling.seed is not None:
        return request.sampling.seed & 0xFFFFFFFF
    if talk.memory is not None:
        return talk.memory.seed
    told = "\0".join((*talk.words, *talk.blobs, canvas.aspect_ratio))
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")
