"""Decides, before any work or money, whether a model can do what a request asks; then how large.

A table of small checks, run in order; the first that fails answers. Each names the field, the
value, what is allowed, and the fix. Decisions that could have gone another way
(docs/decisions/0006-policy.md): images in model turns do not count as references; a service tier
that the model does not have is served as standard, as Google does with priority.
"""

from collections.abc import Callable

from pisang.admission import pictures, shape, signatures
from pisang.catalog.models import Card, Surface, catalog
from pisang.catalog.tokens import most_prompt_tokens, prompt_limit, prompt_tokens
from pisang.core.errors import MalformedRequest, UnsupportedParameter, Violation
from pisang.core.image import Canvas, MediaType
from pisang.core.request import GenerateRequest, Modality, Sampling, ServiceTier, Tool

MAX_STOP_SEQUENCES = 5
_CONFIG = "generation_config"
_IMAGE_CONFIG = "generation_config.image_config"
_THINKING = "generation_config.thinking_config"

_RANGES = (
    # attribute, the name on the wire, lowest, highest, and how Google words the highest
    ("temperature", "temperature", 0, 2, "2.0001"),
    ("top_p", "topP", 0, 1, "1.0001"),
)

_USUAL_SAMPLING = Sampling()

_SIZE_HINT = "Use generationConfig.imageConfig.imageSize with one of {sizes}."
_FIXED_SIZE_HINT = "'{card.id}' always draws at {card.default_size}: leave the size out."
_CODEC_HINT = (
    'Use generationConfig.responseFormat: {{"image": {{"mimeType": "IMAGE_JPEG"}}}}, '
    "or leave it out."
)
_HINTS = {
    "imageresolution": _SIZE_HINT,
    "resolution": _SIZE_HINT,
    "imagesize": _SIZE_HINT,
    "size": _SIZE_HINT,
    "quality": _SIZE_HINT,
    "aspectratio": "Use generationConfig.imageConfig.aspectRatio with one of {ratios}.",
    "outputmimetype": _CODEC_HINT,
    "outputoptions": _CODEC_HINT,
    "imageoutputoptions": _CODEC_HINT,
    "numberofimages": "One request makes one image; send separate requests or a batch.",
    "samplecount": "One request makes one image; send separate requests or a batch.",
    "n": "One request makes one image; send separate requests or a batch.",
    "prompt": "Put the prompt into contents[0].parts[0].text.",
    "negativeprompt": "Say in the prompt what the image should not show.",
}
"""What to do instead of a name people often write, spelled without case and underscores."""


def admit(
    request: GenerateRequest,
    card: Card,
    *,
    max_megapixels: float = 100,
    surface: Surface = "gemini_api",
    strict: bool = False,
) -> Canvas:
    """Checks everything that the card can judge, and returns the exact canvas to draw on.

    ``max_megapixels`` limits each input picture. ``strict`` adds what Google demands and we do not
    need. Raises MalformedRequest for unknown names and empty contents, else UnsupportedParameter.
    """
    for check in _CHECKS:
        check(request, card)
    pictures.check(request, card, max_megapixels=max_megapixels)
    if strict:
        signatures.check(request, card)
    _check_prompt_length(request, card, surface)
    return shape.choose(request, card)


def admit_forward(request: GenerateRequest, card: Card, *, surface: Surface = "gemini_api") -> None:
    """Checks what the card can judge of a body that an upstream gets as it came, and that the
    upstream would refuse: so that the caller hears of it at once, and in plainer words.

    ``request`` may be a peek, whose pictures have no bytes. Names we do not know are the upstream's
    business, and so are pictures. Raises UnsupportedParameter.
    """
    form = (
        card.id,
        request.modalities,
        request.image,
        request.thinking,
        request.sampling,
        request.tools,
    )
    known = _taken.get(form) is card  # it was asked for in the same way before
    if not known:
        for check in _FORWARD_CHECKS:
            check(request, card)
    pictures.check_count(request, card)
    _check_prompt_length(request, card, surface)
    if not known:
        shape.choose(request, card)
        if request.upscale is None and request.edit is None:  # those depend on the pictures
            if len(_taken) >= _MOST_TAKEN:
                _taken.clear()
            _taken[form] = card


def admit_count(request: GenerateRequest, card: Card, *, max_megapixels: float = 100) -> None:
    """Checks what must be right before a prompt can be counted: its names, contents and pictures.

    What the model cannot make of it does not matter yet. Raises what ``admit`` raises.
    """
    _check_unknown(request, card)
    _check_contents(request, card)
    pictures.check_each(request, max_megapixels=max_megapixels)


def served_tier(
    request: GenerateRequest, card: Card, *, surface: Surface = "gemini_api"
) -> ServiceTier:
    """The tier the request is served and billed at: the one it asks for if the model has it on
    this surface, else standard."""
    asked = request.service_tier or ServiceTier.STANDARD
    return asked if asked in card.tiers.get(surface, ()) else ServiceTier.STANDARD


def _check_unknown(request: GenerateRequest, card: Card) -> None:
    """Google's words for a name it does not know, all of them at once, then how to say it right."""
    if not request.unknown:
        return
    violations, hints = list[Violation](), list[str]()
    for unknown in request.unknown:
        place = f" at '{unknown.path}'" if unknown.path else ""
        text = f'Invalid JSON payload received. Unknown name "{unknown.name}"{place}: '
        text += "Cannot find field."
        violations.append(Violation(unknown.path, text))
        hint = _HINTS.get(unknown.name.replace("_", "").lower())
        if hint:
            hint = _FIXED_SIZE_HINT if hint is _SIZE_HINT and card.fixed_size else hint
            hints.append(hint.format(card=card, sizes=_sizes(card), ratios=", ".join(card.ratios)))
    message = "\n".join(violation.description for violation in violations)
    for hint in dict.fromkeys(hints):
        message += f" {hint}"
    raise MalformedRequest(message, violations=tuple(violations))


def _sizes(card: Card) -> str:
    """The size words, with the one that people most often write as pixels explained."""
    return ", ".join(card.sizes) + (' ("4096" = "4K")' if "4K" in card.sizes else "")


def _check_contents(request: GenerateRequest, _: Card) -> None:
    if not request.contents:
        raise MalformedRequest(
            "* GenerateContentRequest.contents: contents is not specified", field="contents"
        )
    for turn, content in enumerate(request.contents):
        if not content.parts:
            raise MalformedRequest(
                f"* GenerateContentRequest.contents[{turn}].parts: contents.parts must not be "
                "empty.",
                field=f"contents[{turn}].parts",
            )


def _check_said(request: GenerateRequest, card: Card) -> None:
    said = any((part.text or "").strip() or part.blob or part.file for _, part in request.parts())
    if not said:
        raise UnsupportedParameter(
            f"contents hold no text and no image, so '{card.id}' has nothing to draw. "
            "Put a prompt into contents[0].parts[0].text.",
            field="contents",
        )


def _check_modalities(request: GenerateRequest, card: Card) -> None:
    if not request.modalities:
        return
    made = {kind.upper() for kind in card.outputs}
    if not made.issuperset(request.modalities):
        wrong = sorted(request.modalities.difference(made))
        raise UnsupportedParameter(
            f"responseModalities {', '.join(wrong)} is not supported by '{card.id}'. "
            f"It answers with {' and '.join(sorted(made))}; leave the field out to get both.",
            field=f"{_CONFIG}.response_modalities",
        )


def _check_mime_types(request: GenerateRequest, card: Card) -> None:
    asked = (request.response_mime_type or "").lower()
    if asked == "application/json" and Modality.IMAGE.value.lower() in card.outputs:
        raise UnsupportedParameter(
            f"JSON mode is not enabled for this model ('{card.id}'). Leave responseMimeType out.",
            field=f"{_CONFIG}.response_mime_type",
        )
    if asked not in ("", "text/plain"):
        raise UnsupportedParameter(
            f"responseMimeType {asked!r} is not supported by '{card.id}': it is for text, and only "
            "text/plain is allowed. The image's own type is set by responseFormat.image.mimeType.",
            field=f"{_CONFIG}.response_mime_type",
        )
    options = f"{_IMAGE_CONFIG}.image_output_options"
    if request.image.mime_type and request.image.mime_type not in list(MediaType):
        raise UnsupportedParameter(
            f"Image mimeType {request.image.mime_type!r} cannot be made. "
            f"Use one of {', '.join(MediaType)}.",
            field=f"{options}.mime_type",
        )
    if request.image.quality is not None and not 0 <= request.image.quality <= 100:
        raise UnsupportedParameter(
            f"compressionQuality {request.image.quality} is out of range: use 0 to 100.",
            field=f"{options}.compression_quality",
        )


def _check_sampling(request: GenerateRequest, card: Card) -> None:
    if request.sampling is _USUAL_SAMPLING or request.sampling == _USUAL_SAMPLING:
        return  # nearly everyone leaves all of it out
    for attribute, name, low, high, words in _RANGES:
        _check_range(getattr(request.sampling, attribute), attribute, name, low, high, words)
    top = card.output_tokens or 0
    if top:
        limit = request.sampling.max_output_tokens
        _check_range(limit, "max_output_tokens", "maxOutputTokens", 1, top, str(top + 1))
    if request.sampling.top_k is not None and request.sampling.top_k < 0:
        raise UnsupportedParameter(
            f"topK {request.sampling.top_k:g} is not valid: use a number from 1 up.",
            field=f"{_CONFIG}.top_k",
        )
    if len(request.sampling.stop_sequences) > MAX_STOP_SEQUENCES:
        raise UnsupportedParameter(
            f"stopSequences has {len(request.sampling.stop_sequences)} entries; at most "
            f"{MAX_STOP_SEQUENCES} are allowed.",
            field=f"{_CONFIG}.stop_sequences",
        )
    count = request.sampling.candidate_count
    if count is not None and not 1 <= count <= card.candidate_count_max:
        raise UnsupportedParameter(
            f"candidateCount must be {card.candidate_count_max} for {card.id}, got {count}; "
            "send separate requests or a batch.",
            field=f"{_CONFIG}.candidate_count",
        )


def _check_range(
    value: float | None, attribute: str, name: str, low: float, high: float, words: str
) -> None:
    """Google's own sentence, which says all that is needed. NaN is outside of every range."""
    if value is not None and not low <= value <= high:
        raise UnsupportedParameter(
            f"Unable to submit request because it has a {name} value of {value:g} but the "
            f"supported range is from {low} (inclusive) to {words} (exclusive). "
            "Update the value and try again.",
            field=f"{_CONFIG}.{attribute}",
        )


def _check_thinking(request: GenerateRequest, card: Card) -> None:
    asked = request.thinking
    if asked.level is None and asked.budget is None:
        if asked.include_thoughts and not card.thinking.supported:
            raise UnsupportedParameter(_no_thinking(card), field=f"{_THINKING}.include_thoughts")
        return
    if not card.thinking.supported:
        field = "thinking_budget" if asked.level is None else "thinking_level"
        raise UnsupportedParameter(_no_thinking(card), field=f"{_THINKING}.{field}")
    if asked.level is not None and asked.budget is not None:
        raise UnsupportedParameter(
            "thinkingLevel and thinkingBudget cannot be set together. Keep thinkingLevel only.",
            field=f"{_THINKING}.thinking_budget",
        )
    if asked.level is not None and asked.level not in card.thinking.levels:
        raise UnsupportedParameter(
            _wrong_level(asked.level, card), field=f"{_THINKING}.thinking_level"
        )
    if asked.budget is not None and (asked.budget < -1 or asked.budget == 0):
        raise UnsupportedParameter(
            f"thinkingBudget {asked.budget} is not valid: '{card.id}' only works in thinking mode. "
            "Use -1 (the model decides) or a number of tokens above 0, or leave it out.",
            field=f"{_THINKING}.thinking_budget",
        )


def _no_thinking(card: Card) -> str:
    return f"Thinking is not supported by '{card.id}'. Leave thinkingConfig out."


def _wrong_level(level: str, card: Card) -> str:
    if not card.thinking.levels:
        return (
            f"thinkingLevel {level} is not supported by '{card.id}': it always thinks, and its "
            "level cannot be set. Leave thinkingLevel out."
        )
    return (
        f"thinkingLevel {level} is not supported by '{card.id}'. "
        f"Supported: {', '.join(card.thinking.levels)}."
    )


def _check_tools(request: GenerateRequest, card: Card) -> None:
    for tool in sorted(request.tools):
        if tool not in (Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH):
            raise UnsupportedParameter(
                f"Tool {tool} is not supported by '{card.id}': image models take googleSearch at "
                "most. Remove it from tools.",
                field="tools",
            )
        if not _searches(card, tool):
            able = ", ".join(other.id for other in catalog().living() if _searches(other, tool))
            raise UnsupportedParameter(
                f"Tool {tool} is not supported by '{card.id}'. Remove it from tools, or ask a "
                f"model that has it: {able}.",
                field="tools",
            )


def _searches(card: Card, tool: Tool) -> bool:
    if tool is Tool.IMAGE_SEARCH:
        return card.grounding.image_search
    return card.grounding.web_search


def _check_prompt_length(request: GenerateRequest, card: Card, surface: Surface) -> None:
    limit = prompt_limit(card, surface)
    if limit is None or most_prompt_tokens(request, card) <= limit:
        return  # most prompts are far too short for counting to be worth it
    tokens = prompt_tokens(request, card)
    count = tokens.text if card.family == "imagen" else tokens.total  # Imagen's is for words
    if count > limit:
        raise UnsupportedParameter(
            f"The input token count ({count}) exceeds the maximum number of tokens allowed "
            f"({limit}) for '{card.id}'. Shorten the text or send fewer images.",
            field="contents",
        )


_CHECKS: tuple[Callable[[GenerateRequest, Card], None], ...] = (
    _check_unknown,
    _check_contents,
    _check_said,
    _check_modalities,
    _check_mime_types,
    _check_sampling,
    _check_thinking,
    _check_tools,
)

_MOST_TAKEN = 1_000
_taken: dict[tuple[object, ...], Card] = {}
"""Forms of a request that a card was found to take, so that they need not be checked again."""

_FORWARD_CHECKS: tuple[Callable[[GenerateRequest, Card], None], ...] = (
    _check_modalities,
    _check_sampling,
    _check_thinking,
    _check_tools,
)
