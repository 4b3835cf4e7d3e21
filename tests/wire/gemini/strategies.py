"""Arbitrary requests and answers, as far as the Developer API's dialect can write them."""

from hypothesis import strategies as st

from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.events import Finished, FinishReason, Image, Result, Text, Thought, Usage
from pisang.core.request import (
    GenerateRequest,
    ImageConfig,
    Modality,
    SafetySetting,
    Sampling,
    ServiceTier,
    Thinking,
    ThinkingLevel,
    Tool,
)
from pisang.wire.gemini import schema

WORDS = st.text(min_size=1, max_size=20)
BYTES = st.binary(min_size=1, max_size=40)
MEDIA_TYPES = st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/heic"])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
INT32 = st.integers(-(2**31), 2**31 - 1)
COUNTS = st.integers(0, 2**40)

blobs = st.builds(Blob, MEDIA_TYPES, BYTES, st.none() | WORDS)
files = st.builds(FileRef, WORDS, st.none() | MEDIA_TYPES)
extras = {
    "thought": st.booleans(),
    "thought_signature": st.none()
    | st.binary(min_size=1, max_size=20)
    | st.sampled_from(list(schema.SIGNATURE_BYPASSES.values())),
}
parts = (
    st.builds(Part, text=st.text(max_size=30), **extras)
    | st.builds(Part, blob=blobs, **extras)
    | st.builds(Part, file=files, **extras)
)
contents = st.builds(
    Content, st.sampled_from(Role), st.lists(parts, min_size=1, max_size=3).map(tuple)
)
samplings = st.builds(
    Sampling,
    seed=st.none() | INT32,
    temperature=st.none() | FLOATS,
    top_p=st.none() | FLOATS,
    top_k=st.none() | FLOATS,
    candidate_count=st.none() | INT32,
    max_output_tokens=st.none() | INT32,
    stop_sequences=st.lists(st.text(max_size=5), max_size=7).map(tuple),
)
thinkings = st.builds(
    Thinking,
    include_thoughts=st.booleans(),
    level=st.none() | st.sampled_from(ThinkingLevel),
    budget=st.none() | INT32,
)
image_configs = st.builds(
    ImageConfig,
    aspect_ratio=st.none() | st.sampled_from(["16:9", "9:21", "auto"]) | WORDS,
    image_size=st.none() | st.sampled_from(["512", "2k", "4K"]) | WORDS,
    person_generation=st.none() | st.sampled_from(list(schema.PERSON_GENERATION)),
    mime_type=st.none() | st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/gif"]),
)
requests = st.builds(
    GenerateRequest,
    model=st.just("gemini-3.1-flash-image"),
    contents=st.lists(contents, min_size=1, max_size=3).map(tuple),
    system_instruction=st.none()
    | st.builds(Content, st.just(Role.USER), st.lists(parts, min_size=1, max_size=2).map(tuple)),
    modalities=st.frozensets(st.sampled_from(Modality)),
    image=image_configs,
    thinking=thinkings,
    sampling=samplings,
    safety=st.lists(
        st.builds(
            SafetySetting,
            st.sampled_from(list(schema.HARM_CATEGORIES)),
            st.sampled_from([*schema.THRESHOLDS, schema.THRESHOLD_UNSPECIFIED]),
        ),
        max_size=3,
    ).map(tuple),
    tools=st.frozensets(st.sampled_from(Tool)),
    response_mime_type=st.none() | WORDS,
    service_tier=st.none() | st.sampled_from(list(schema.SERVICE_TIERS.values())),
    labels=st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=4),
    deadline=st.none() | st.floats(1, 600),
)

spoken = (
    st.builds(Thought, WORDS)
    | st.builds(Text, WORDS, st.none() | BYTES)
    | st.builds(
        Image,
        st.builds(Blob, MEDIA_TYPES, BYTES),
        st.none() | BYTES,
    )
)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """A whole answer whose usage counts as many pictures as it holds."""
    said = tuple(draw(st.lists(spoken, max_size=4)))
    usage = st.builds(
        Usage,
        prompt_text=COUNTS,
        prompt_image=COUNTS,
        text_output=COUNTS,
        image_output=COUNTS,
        thoughts=COUNTS,
        images=st.just(sum(isinstance(part, Image) for part in said)),
    )
    finished = st.builds(
        Finished, st.sampled_from(FinishReason), st.none() | WORDS, st.none() | usage
    )
    return Result(draw(WORDS), said, draw(finished))


TIERS = st.none() | st.sampled_from([ServiceTier.STANDARD, ServiceTier.FLEX, ServiceTier.PRIORITY])
