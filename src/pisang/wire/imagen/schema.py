"""The words of Imagen's dialect as tables: every spelling that a client of any year sends.

Source: surfaces contract, section 5. google-genai writes upper case, vertexai lower case, and older
code the older names; ``read_enum`` takes any case, so the tables are in upper case.
"""

from collections.abc import Mapping
from typing import Final

from pisang.core.content import Use
from pisang.core.request import AutoMask, EditMode

SAFETY: Final[Mapping[str, str]] = {
    "BLOCK_LOW_AND_ABOVE": "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE": "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH": "BLOCK_ONLY_HIGH",
    "BLOCK_NONE": "BLOCK_NONE",
    "OFF": "OFF",
    "BLOCK_MOST": "BLOCK_LOW_AND_ABOVE",
    "BLOCK_SOME": "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_FEW": "BLOCK_ONLY_HIGH",
    "BLOCK_FEWEST": "BLOCK_NONE",
}
SAFETY_CATEGORIES: Final = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
)
"""Imagen has one level for everything; requests inside have one for each of these."""

PERSONS: Final[Mapping[str, str]] = {
    "DONT_ALLOW": "DONT_ALLOW",
    "ALLOW_NONE": "DONT_ALLOW",
    "ALLOW_ADULT": "ALLOW_ADULT",
    "ALLOW_ALL": "ALLOW_ALL",
}
OLDER_PERSONS: Final[Mapping[str, str]] = {
    "disable_person_face": "DONT_ALLOW",
    "enable_person_face_filter": "DONT_ALLOW",
    "disable_child": "ALLOW_ADULT",
    "enable_child_filter": "ALLOW_ADULT",
}
"""What Imagen 2 had in place of ``personGeneration``: flags, the strictest first (Vertex AI's
reference of VisionGenerativeModelParams)."""

LANGUAGES: Final = ("auto", "en", "zh", "zh-CN", "zh-TW", "hi", "ja", "ko", "pt", "es")

SIZES: Final[Mapping[str, str]] = {
    "64": "1K",
    "256": "1K",
    "512": "1K",
    "1024": "1K",
    "2048": "2K",
    "1k": "1K",
    "2k": "2K",
}
"""Imagen 2's ``sampleImageSize``, in pixels of the longer side, and Imagen 4's in lower case: that
of Gemini's models is case-sensitive, this one never was (VisionGenerativeModelParams)."""

UPSCALE_FACTORS: Final[Mapping[str, int]] = {"X2": 2, "X3": 3, "X4": 4}

UPSCALE_SIZES: Final[Mapping[str, int]] = {"1K": 1024, "2K": 2048, "4096": 4096, "4K": 4096}
"""Imagen 2's way to say how far: the longer side of the result, in pixels."""

EDIT_MODES: Final[Mapping[str, EditMode]] = {
    "EDIT_MODE_DEFAULT": EditMode.FREE,
    "EDIT_MODE_INPAINT_INSERTION": EditMode.INSERT,
    "EDIT_MODE_INPAINT_REMOVAL": EditMode.REMOVE,
    "EDIT_MODE_OUTPAINT": EditMode.EXTEND,
    "EDIT_MODE_CONTROLLED_EDITING": EditMode.FREE,
    "EDIT_MODE_STYLE": EditMode.FREE,
    "EDIT_MODE_BGSWAP": EditMode.BACKGROUND,
    "EDIT_MODE_PRODUCT_IMAGE": EditMode.BACKGROUND,
    "DEFAULT": EditMode.FREE,
    "INPAINTING-INSERT": EditMode.INSERT,
    "INPAINTING-REMOVE": EditMode.REMOVE,
    "OUTPAINTING": EditMode.EXTEND,
    "BACKGROUND-SWAP": EditMode.BACKGROUND,
    "PRODUCT-IMAGE": EditMode.BACKGROUND,
}
"""The enum of ``parameters.editMode``, and the words of vertexai's ``editConfig.editMode``."""

MASK_MODES: Final[Mapping[str, AutoMask | None]] = {
    "MASK_MODE_DEFAULT": None,
    "MASK_MODE_USER_PROVIDED": None,
    "MASK_MODE_BACKGROUND": AutoMask.BACKGROUND,
    "MASK_MODE_FOREGROUND": AutoMask.FOREGROUND,
    "MASK_MODE_SEMANTIC": AutoMask.SEMANTIC,
    "BACKGROUND": AutoMask.BACKGROUND,
    "FOREGROUND": AutoMask.FOREGROUND,
    "SEMANTIC": AutoMask.SEMANTIC,
}

RAW: Final = "RAW"
REFERENCES: Final[Mapping[str, Use | str]] = {
    "REFERENCE_TYPE_RAW": RAW,
    "REFERENCE_TYPE_MASK": Use.MASK,
    "REFERENCE_TYPE_CONTROL": Use.CONTROL,
    "REFERENCE_TYPE_STYLE": Use.STYLE,
    "REFERENCE_TYPE_SUBJECT": Use.SUBJECT,
    "REFERENCE_TYPE_CONTENT": Use.SUBJECT,
}
REFERENCE_CONFIGS: Final[Mapping[str, tuple[str, ...]]] = {
    "control_image_config": (
        "control_type",
        "compute_control",
        "enable_control_image_computation",  # how vertexai writes compute_control
        "superpixel_region_size",
    ),
    "subject_image_config": ("subject_type",),
    "style_image_config": (),
}
"""What is read beside a description and has no effect here."""

RENAMED: Final[Mapping[str, str]] = {
    "generation_config.image_config.aspect_ratio": "parameters.aspect_ratio",
    "generation_config.image_config.image_size": "parameters.sample_image_size",
    "generation_config.image_config.image_output_options": "parameters.output_options",
    "generation_config.seed": "parameters.seed",
    "contents[0].parts[0].text": "instances[0].prompt",
    "contents": "instances[0]",
    "imageSize": "sampleImageSize",
    "inlineData with mimeType and data": "bytesBase64Encoded",
}
"""Names of generateContent in our own refusals, and what the same thing is called here."""
