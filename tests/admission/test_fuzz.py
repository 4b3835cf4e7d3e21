"""Whatever a well-formed request holds, it is admitted or refused as the caller's fault."""

from hypothesis import given
from hypothesis import strategies as st

from pisang.admission.policy import admit
from pisang.catalog.models import Card, catalog
from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.errors import RequestError
from pisang.core.request import (
    GenerateRequest,
    ImageConfig,
    Modality,
    Sampling,
    ServiceTier,
    Thinking,
    ThinkingLevel,
    Tool,
    UnknownField,
)

HEADS = [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff", b"GIF89a", b"\0\0\0\x18ftypheic"]

text = st.none() | st.text(max_size=20)
number = st.none() | st.floats() | st.integers(-5, 50_000)
whole = st.none() | st.integers(-5, 50_000)
blobs = st.builds(
    lambda kind, head, tail: Blob(kind, head + tail),
    st.sampled_from(["image/png", "image/heic", "video/mp4", "", "Image/PNG; x=1"]),
    st.sampled_from(HEADS),
    st.binary(max_size=40),
)
parts = st.one_of(
    st.builds(Part, text=text),
    st.builds(Part, blob=blobs),
    st.builds(Part, file=st.builds(FileRef, st.text())),
)
contents = st.builds(Content, st.sampled_from(Role), st.lists(parts, max_size=4).map(tuple))
requests = st.builds(
    GenerateRequest,
    model=st.just("x"),
    contents=st.lists(contents, max_size=3).map(tuple),
    modalities=st.frozensets(st.sampled_from(Modality)),
    image=st.builds(ImageConfig, aspect_ratio=text, image_size=text, mime_type=text, quality=whole),
    thinking=st.builds(
        Thinking,
        include_thoughts=st.booleans(),
        level=st.none() | st.sampled_from(ThinkingLevel),
        budget=whole,
    ),
    sampling=st.builds(
        Sampling,
        seed=whole,
        temperature=number,
        top_p=number,
        top_k=number,
        candidate_count=whole,
        max_output_tokens=whole,
    ),
    tools=st.frozensets(st.sampled_from(Tool), max_size=2),
    response_mime_type=text,
    service_tier=st.none() | st.sampled_from(ServiceTier),
    unknown=st.lists(st.builds(UnknownField, st.text(), st.text()), max_size=2).map(tuple),
)


@given(requests, st.sampled_from([*catalog().cards.values()]), st.booleans())
def test_every_request_gets_a_canvas_or_a_refusal_that_names_a_field(
    request: GenerateRequest, card: Card, strict: bool
) -> None:
    try:
        canvas = admit(request, card, strict=strict)
    except RequestError as error:
        refused = error
    else:
        assert canvas == card.canvas(canvas.aspect_ratio, canvas.image_size)
        return
    assert refused.field is not None
    assert refused.message
