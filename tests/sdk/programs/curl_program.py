"""curl, the program, with bodies written by hand: the Gemini API with a key (developer), Vertex AI
with an access token (account), OpenAI's API with a key (v1). It runs in any environment here."""

import base64
import json
import subprocess

from program import BAD_KEY, MODEL, NIGHT, SCENE, picture_bytes, run, size_of, told

TARGET = told()
URL, MODE = TARGET["url"], TARGET["mode"]


class Refused(Exception):
    """curl ended with 22: the answer's status was 400 or more."""

    def __init__(self, body, status):
        super().__init__(body)
        self.body, self.status = body, status


def curl(path, body=None, *, key=None, more=()):
    """The answer's bytes. Raises ``Refused`` with the answer's body."""
    words = ["curl", "-sS", "--fail-with-body", "-w", "%{stderr}%{http_code}", *more, URL + path]
    if MODE == "developer":
        words += ["-H", f"x-goog-api-key: {key or TARGET['key']}"]
    else:
        token = key or (TARGET["token"] if MODE == "account" else TARGET["key"])
        words += ["-H", f"Authorization: Bearer {token}"]
    if body is not None:
        words += ["-H", "Content-Type: application/json", "--data-binary", "@-"]
    data = json.dumps(body).encode() if body is not None else b""
    done = subprocess.run(words, input=data, capture_output=True, check=False)
    if done.returncode == 22:
        raise Refused(done.stdout.decode(), int(done.stderr.decode()[-3:]))
    done.check_returncode()
    return done.stdout


def address(model, verb, project=TARGET["project"]):
    if MODE != "account":
        return f"/v1beta/models/{model}:{verb}"
    home = f"/v1/projects/{project}/locations/global"
    return f"{home}/publishers/google/models/{model}:{verb}"


def said(text, *pictures):
    parts = [
        {"inline_data": {"mime_type": "image/png", "data": base64.b64encode(data).decode()}}
        for data in pictures
    ]
    return {"role": "user", "parts": [*parts, {"text": text}]}


def generate(*contents, model=MODEL, key=None, **config):
    body = {"contents": list(contents), "generationConfig": config}
    return json.loads(curl(address(model, "generateContent"), body, key=key))


def seen(answer):
    candidate = answer["candidates"][0]
    parts = candidate["content"]["parts"]
    images = [part for part in parts if "inlineData" in part]
    return {
        "sizes": [size_of(base64.b64decode(part["inlineData"]["data"])) for part in images],
        "signed": [bool(part.get("thoughtSignature")) for part in images],
        "text": "".join(part.get("text", "") for part in parts),
        "finish": candidate["finishReason"],
        "tokens": answer["usageMetadata"]["candidatesTokenCount"],
    }


def drawn(answer):
    return {"sizes": [size_of(base64.b64decode(one["b64_json"])) for one in answer["data"]]}


def draw(prompt, *, model=MODEL, key=None, **options):
    body = {"model": model, "prompt": prompt, **options}
    return drawn(json.loads(curl("/v1/images/generations", body, key=key)))


def text_to_image():
    if MODE == "v1":
        return draw("a red cat next to a tree")
    return seen(generate(said("a red cat next to a tree")))


def ratio_and_size():
    if MODE == "v1":
        return draw("a blue car", size="2752x1536")
    config = {"aspectRatio": "16:9", "imageSize": "2K"}
    return seen(generate(said("a blue car"), imageConfig=config))


def edit():
    if MODE == "v1":
        fields = [f"model={MODEL}", "prompt=make it grey", "image=@-;filename=a.png;type=image/png"]
        words = [word for field in fields for word in ("-F", field)]
        key = f"Authorization: Bearer {TARGET['key']}"
        done = subprocess.run(
            ["curl", "-sS", "--fail-with-body", f"{URL}/v1/images/edits", "-H", key, *words],
            input=picture_bytes(),
            capture_output=True,
            check=True,
        )
        return drawn(json.loads(done.stdout))
    return seen(generate(said("make it grey", picture_bytes())))


def several_turns():
    turns, answers = [], []
    for text in (SCENE, NIGHT):
        turns.append(said(text))
        answer = generate(*turns)
        turns.append(answer["candidates"][0]["content"])
        answers.append(seen(answer))
    return answers


def stream():
    if MODE == "v1":
        body = {"model": MODEL, "prompt": "a sailboat", "stream": True}
        lines = curl("/v1/images/generations", body, more=["-N"]).decode().splitlines()
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
        return {"chunks": len(events), **drawn({"data": events[-1:]})}
    body = {"contents": [said("a sailboat")]}
    path = address(MODEL, "streamGenerateContent") + "?alt=sse"
    lines = curl(path, body, more=["-N"]).decode().splitlines()
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    parts = [part for one in chunks for part in one["candidates"][0]["content"]["parts"]]
    last = chunks[-1]["candidates"][0]
    whole = {"candidates": [{**last, "content": {"parts": parts}}]}
    return {"chunks": len(chunks), **seen({**chunks[-1], **whole})}


def count_tokens():
    body = {"contents": [said("a red cat")]}
    return json.loads(curl(address(MODEL, "countTokens"), body))["totalTokens"]


def models():
    if MODE == "v1":
        listed = [one["id"] for one in json.loads(curl("/v1/models"))["data"]]
        return {"listed": listed, "got": json.loads(curl(f"/v1/models/{MODEL}"))["id"]}
    listed = [one["name"] for one in json.loads(curl("/v1beta/models"))["models"]]
    return {"listed": listed, "got": json.loads(curl(f"/v1beta/models/{MODEL}"))["name"]}


def no_picture():
    return seen(generate(said("What is your name?")))


def wrong_value():
    if MODE == "v1":
        return draw("a cat", size="9:21")
    return seen(generate(said("a cat"), imageConfig={"aspectRatio": "9:21"}))


def unknown_model():
    if MODE == "v1":
        return draw("a cat", model="gemini-9-image")
    return seen(generate(said("a cat"), model="gemini-9-image"))


def truncated_picture():
    return seen(generate(said("make it grey", picture_bytes()[:-20])))


def too_many_pictures():
    return seen(generate(said("collage", *[picture_bytes()] * 15)))


def bad_key():
    if MODE == "v1":
        return draw("a cat", key=BAD_KEY)
    return seen(generate(said("a cat"), key=BAD_KEY))


def another_project():
    path = address(MODEL, "generateContent", project="somebody-elses")
    return seen(json.loads(curl(path, {"contents": [said("a cat")]})))


def told_by(error):
    if not isinstance(error, Refused):
        return None
    return {"code": error.status, "message": error.body}


if __name__ == "__main__":
    version = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True)
    run(globals(), version=version.stdout.split()[1], error=told_by)
