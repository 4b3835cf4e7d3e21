"""The PublisherModel resource of Vertex AI and its list, from the catalog's cards.

The vertexai package asks for it before its first picture and reads three things: the template, in
which it puts the caller's project and location, the schema of ``predict``, by which it tells what
kind of model this is, and the version (surfaces contract, section 5, at its end).
"""

from collections.abc import Sequence
from typing import Final

from pisang.catalog.models import Card
from pisang.wire import payload
from pisang.wire.gemini.models import page
from pisang.wire.payload import Written

_TEMPLATE: Final = (
    "projects/{{user-project}}/locations/{{location}}/publishers/google/models/{model}@{version}"
)
_PREDICT_SCHEMA: Final = (
    "gs://google-cloud-aiplatform/schema/predict/instance/vision_generative_model_1.0.0.yaml"
)
_VERSION: Final = "default"


def encode(card: Card, *, asked: str | None = None) -> bytes:
    """Writes one PublisherModel. ``asked`` is the id in the address, when it was another name."""
    return b"".join(payload.pieces(written(card, asked=asked)))


def written(card: Card, *, asked: str | None = None) -> dict[str, Written]:
    """The fields of a PublisherModel, all of them names of the discovery document."""
    model, _, version = (asked or card.id).partition("@")
    version = version or _VERSION
    fields: dict[str, Written] = {
        "name": f"publishers/google/models/{model}",
        "versionId": version,
        "openSourceCategory": "PROPRIETARY",
        "launchStage": "PUBLIC_PREVIEW" if "preview" in model else "GA",
        "publisherModelTemplate": _TEMPLATE.format(model=model, version=version),
    }
    if card.family == "imagen":
        fields["predictSchemata"] = {"instanceSchemaUri": _PREDICT_SCHEMA}
    return fields


def encode_page(
    cards: Sequence[Card], *, page_size: str | None = None, page_token: str | None = None
) -> bytes:
    """Writes one page of the list; sizes and tokens are those of the Gemini API's list."""
    shown, rest = page(cards, page_size=page_size, page_token=page_token)
    body: dict[str, Written] = {"publisherModels": [written(card) for card in shown], **rest}
    return b"".join(payload.pieces(body))
