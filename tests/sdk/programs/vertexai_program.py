"""google-cloud-aiplatform: its Imagen classes and its generative models, over REST, signed in with
the service account that GOOGLE_APPLICATION_CREDENTIALS names."""

import io

import vertexai
from google.api_core import exceptions
from PIL import Image as Pillow
from program import MODEL, NIGHT, SCENE, mask_bytes, picture_bytes, run, size_of, told
from vertexai.generative_models import GenerationConfig, GenerativeModel, Part
from vertexai.preview.vision_models import Image, ImageGenerationModel

TARGET = told()
IMAGEN = "imagen-3.0-generate-001"
EDITOR = "imagen-3.0-capability-001"


def start(project):
    vertexai.init(
        project=project,
        location="us-central1",
        api_endpoint=TARGET["url"],
        api_transport="rest",
    )


start(TARGET["project"])


def seen(response):
    parts = response.candidates[0].content.parts
    raw = [part._raw_part for part in parts]
    return {
        "sizes": [size_of(part.inline_data.data) for part in raw if part.inline_data.data],
        "text": "".join(part.text for part in raw),
        "finish": response.candidates[0].finish_reason.name,
        "tokens": response.usage_metadata.candidates_token_count,
        "version": response.to_dict().get("model_version", ""),
    }


def generate(*contents, model=MODEL, **options):
    return seen(GenerativeModel(model).generate_content(list(contents), **options))


def red(data=None):
    return Part.from_data(data or picture_bytes(), mime_type="image/png")


def text_to_image():
    modalities = [GenerationConfig.Modality.TEXT, GenerationConfig.Modality.IMAGE]
    config = GenerationConfig(response_modalities=modalities)
    return generate("a red cat next to a tree", generation_config=config)


def ratio_and_size():
    return GenerationConfig(image_config={"aspect_ratio": "16:9", "image_size": "2K"})


def edit():
    return generate(red(), "make it grey")


def several_turns():
    talk = GenerativeModel(MODEL).start_chat()
    return [seen(talk.send_message(said)) for said in (SCENE, NIGHT)]


def stream():
    chunks = list(GenerativeModel(MODEL).generate_content("a sailboat", stream=True))
    saw = [seen(chunk) for chunk in chunks if chunk.candidates]
    return {
        "chunks": len(chunks),
        "sizes": [size for one in saw for size in one["sizes"]],
        "finish": saw[-1]["finish"],
    }


def count_tokens():
    return GenerativeModel(MODEL).count_tokens("a red cat").total_tokens


def old_id():
    return generate("a cat", model=f"{MODEL}-preview")


def no_picture():
    return generate("What is your name?")


def unknown_model():
    return generate("a cat", model="gemini-9-image")


def truncated_picture():
    return generate(red(picture_bytes()[:-20]), "make it grey")


def too_many_pictures():
    return generate(*[red()] * 15, "collage")


def another_project():
    start("somebody-elses")
    try:
        return generate("a cat")
    finally:
        start(TARGET["project"])


def imagen(response):
    return {"sizes": [size_of(image._image_bytes) for image in response.images]}


def imagen_generate():
    model = ImageGenerationModel.from_pretrained(IMAGEN)
    return imagen(model.generate_images("a red cube", number_of_images=2, aspect_ratio="16:9"))


def imagen_edit():
    white = Pillow.open(io.BytesIO(mask_bytes())).getchannel("A").point(lambda a: 255 - a)
    buffer = io.BytesIO()
    white.save(buffer, "PNG")  # white is painted, as Imagen has it
    model = ImageGenerationModel.from_pretrained(EDITOR)
    return imagen(
        model.edit_image(
            prompt="a green hill",
            base_image=Image(picture_bytes()),
            mask=Image(buffer.getvalue()),
            edit_mode="inpainting-insert",
        )
    )


def imagen_upscale():
    model = ImageGenerationModel.from_pretrained(IMAGEN)
    upscaled = model.upscale_image(image=Image(picture_bytes()), upscale_factor="x2")
    return {"sizes": [size_of(upscaled._image_bytes)]}


def said(error):
    if not isinstance(error, exceptions.GoogleAPICallError):
        return None
    return {
        "code": int(error.code),
        "message": error.message,
        "details": [str(detail) for detail in error.details],
    }


if __name__ == "__main__":
    run(globals(), "google-cloud-aiplatform", error=said)
