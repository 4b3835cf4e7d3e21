"""What Vertex AI reads and writes otherwise than the Gemini Developer API, in one value.

Its ``generateContent`` is the same message with more fields in and other names out. Sources:
surfaces contract, sections 2, 3 and 11, and the aiplatform discovery document, which has the enum
words; the numbers are those of google-cloud-aiplatform 2.7.0.
"""

from typing import Final

from pisang.catalog.load import tables
from pisang.core.events import FinishReason
from pisang.core.request import ServiceTier
from pisang.wire.gemini.schema import Variant

REQUEST_TYPE: Final = "x-vertex-ai-llm-request-type"
"""The header that says whether provisioned throughput may, must or must not be used; of an answer,
which throughput served."""

SHARED_TYPE: Final = "x-vertex-ai-llm-shared-request-type"
"""The header that names the tier of all other traffic."""

_MEGABYTE: Final = 1024 * 1024

VERTEX: Final = Variant(
    image_config=frozenset(
        {
            "aspect_ratio",
            "image_size",
            "person_generation",
            "prominent_people",
            "image_output_options",
        }
    ),
    harm_category_numbers={
        1: "HARM_CATEGORY_HATE_SPEECH",
        2: "HARM_CATEGORY_DANGEROUS_CONTENT",
        3: "HARM_CATEGORY_HARASSMENT",
        4: "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        5: "HARM_CATEGORY_CIVIC_INTEGRITY",
        6: "HARM_CATEGORY_JAILBREAK",
    },
    safety_method=True,
    unserved={
        "model_armor_config": "Model Armor is a service of Google's, and nothing here would screen "
        "the prompt. Leave it out.",
        "output_config": "the answer itself holds the picture. Leave it out.",
    },
    most_inline=tables()["vertex_input"]["max_inline_image_mb"] * _MEGABYTE,
    instances=True,
    traffic_types={
        ServiceTier.STANDARD: "ON_DEMAND",
        ServiceTier.FLEX: "ON_DEMAND_FLEX",
        ServiceTier.PRIORITY: "ON_DEMAND_PRIORITY",
    },
    missing_words={FinishReason.LANGUAGE: FinishReason.OTHER},
    tells_time=True,
    explains_blocks=True,
    types="type.googleapis.com/google.cloud.aiplatform.v1.",
    counts_characters=True,
)
