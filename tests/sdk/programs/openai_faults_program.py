"""What OpenAI's Python SDK makes of faults: each fault of each call, with the exception's class and
code, or what came back. Prints one JSON object."""

import json
import sys

import openai

MODEL = "gemini-3.1-flash-image"
MESSAGES = [{"role": "user", "content": "a cat"}]


def images(client, **options):
    return len(client.images.generate(model=MODEL, prompt="a cat", **options).data)


def images_stream(client, **options):
    asked = client.images.generate(
        model=MODEL, prompt="a cat", stream=True, partial_images=1, **options
    )
    return [event.type for event in asked]


def chat(client, **options):
    done = client.chat.completions.create(model=MODEL, messages=MESSAGES, **options)
    return done.choices[0].finish_reason


def chat_stream(client, **options):
    asked = client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **options)
    return [chunk.choices[0].finish_reason for chunk in asked][-1]


def responses(client, **options):
    return client.responses.create(model=MODEL, input="a cat", **options).status


CALLS = {call.__name__: call for call in (images, images_stream, chat, chat_stream, responses)}


def outcome(client, call, fault):
    try:
        return CALLS[call](client, extra_headers={"x-pisang-fault": fault})
    except openai.APIError as error:
        return [type(error).__name__, error.code, error.message]


def main():
    target = json.loads(sys.argv[1])
    client = openai.OpenAI(base_url=f"{target['url']}/v1", api_key=target["key"], timeout=20)
    told = {}
    for call, fault, retries in target["asked"]:
        told[f"{call} {fault}"] = outcome(client.with_options(max_retries=retries), call, fault)
    print(json.dumps(told))


main()
