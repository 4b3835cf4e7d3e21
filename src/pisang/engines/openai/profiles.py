"""The profiles: how each kind of server that "speaks OpenAI's API" really wants to be asked.

A profile is a row of a table, so a server that is nearly like another one needs no code: the
engine's ``options`` change single words of it (``build.py``). Where a server's own documentation is
silent, a row keeps to OpenAI's documented shape, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pisang.core.caller import ChatImages
from pisang.core.request import Marks
from pisang.wire.openai.chat_calls import CHAT
from pisang.wire.openai.image_calls import EDITS, GENERATIONS
from pisang.wire.openai.words import ChatWords, ImageWords, Shape, Thinks

OPENAI: Final = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of server. It draws by its chat where ``chat`` is set, else by its image API.

    ``methods`` are those whose bodies pass as they came. ``keyed`` is whether it wants a key,
    ``own`` whether it is a server of one's own, whose words are not Google's. ``free`` is what may
    be fetched for nothing, below the address or (with a slash) the root of the server; ``lists`` is
    whether one model can be asked for there.
    """

    name: str
    images: ImageWords | None = None
    chat: ChatWords | None = None
    methods: frozenset[str]
    base_url: str = ""
    keyed: bool = True
    own: bool = False
    free: str = "models"
    lists: bool = False


_IMAGES: Final = frozenset({GENERATIONS, EDITS})
_CHAT: Final = frozenset({CHAT})

_PROFILES: Final = (
    # OpenAI's own image models: three sizes, no seed, no ratio, and no response_format (they answer
    # with base64 always and refuse the word). The chat there draws nothing, so it does not pass.
    Profile(
        name="openai",
        base_url=OPENAI,
        images=ImageWords(
            shape=Shape.SIZES,
            sizes=("1024x1024", "1536x1024", "1024x1536"),
            mask="mask",
            previews=True,
        ),
        methods=_IMAGES,
        lists=True,
    ),
    # Relays that resell Google's models in the shape of OpenAI's image API. They take Google's two
    # words beside the prompt, and ignore what they do not know; edits are OpenAI's form.
    Profile(
        name="images",
        images=ImageWords(shape=Shape.FIELDS, mask="mask", response_format="b64_json"),
        methods=_IMAGES,
    ),
    # Relays whose chat answers with message.images, and takes modalities and image_config.
    Profile(
        name="chat-images",
        chat=ChatWords(shape=Shape.IMAGE_CONFIG, links=False),
        methods=_CHAT,
    ),
    # Relays whose chat answers with Markdown in the text, a data URL or a link; what the picture is
    # like is told as Google's own layer has it.
    Profile(
        name="chat-markdown",
        chat=ChatWords(
            shape=Shape.GOOGLE,
            images=ChatImages.MARKDOWN,
            modalities=False,
            thinks=Thinks.GOOGLE,
        ),
        methods=_CHAT,
    ),
    # The same, but for a bare data URL in place of Markdown.
    Profile(
        name="chat-data-url",
        chat=ChatWords(
            shape=Shape.GOOGLE,
            images=ChatImages.DATA_URL,
            modalities=False,
            thinks=Thinks.GOOGLE,
        ),
        methods=_CHAT,
    ),
    # vLLM-Omni: one model to a server, exact pixels, several files all named "image". Its
    # mask is a text in a field of its own (mask_image), not a file, so none is sent.
    Profile(
        name="vllm-omni",
        images=ImageWords(
            shape=Shape.PIXELS,
            pictures="image",
            seed="seed",
            negative="negative_prompt",
            response_format="b64_json",
        ),
        methods=_IMAGES,
        keyed=False,
        own=True,
    ),
    # SGLang: as vLLM-Omni; it answers with a link unless it is asked for base64. What its mask
    # means is not documented, so none is sent. It tells of its model at its root, not below /v1.
    Profile(
        name="sglang",
        images=ImageWords(
            shape=Shape.PIXELS,
            pictures="image",
            seed="seed",
            negative="negative_prompt",
            response_format="b64_json",
        ),
        methods=_IMAGES,
        keyed=False,
        own=True,
        free="/models",
    ),
    # stable-diffusion.cpp: seed and negative prompt have no field and stand in an element of the
    # prompt; its mask is white where the picture may change; it answers with base64 only.
    Profile(
        name="sd-cpp",
        images=ImageWords(
            shape=Shape.PIXELS,
            picture="image[]",
            mask="mask",
            marks=Marks.LIGHT,
            seed="seed",
            negative="negative_prompt",
            tag="sd_cpp_extra_args",
        ),
        methods=_IMAGES,
        keyed=False,
        own=True,
    ),
)

PROFILES: Final[Mapping[str, Profile]] = {profile.name: profile for profile in _PROFILES}
DEFAULT: Final = "openai"
