"""The least a relay in Python can do: uvicorn and pyreqwest, a key looked up by its digest, a quota
counted in memory. It reads nothing of what passes. ``python -m bench.relay.bare PORT UPSTREAM``.
"""

import hashlib
import sys
import time
from pathlib import Path

import uvicorn
from pyreqwest.client import ClientBuilder

KEYS = {hashlib.sha256(b"sk-bench").digest(): "project"}
QUOTA = 10_000_000  # requests a minute
_PASSED = (b"content-type", b"content-length")


class Relay:
    def __init__(self, upstream: str, certificate: str) -> None:
        builder = ClientBuilder().runtime_multithreaded(False)
        if certificate:
            builder = builder.add_root_certificate_pem(Path(certificate).read_bytes())
        self.client = builder.build()
        self.upstream = upstream
        self.used: dict[tuple[str, int], int] = {}

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        headers = dict(scope["headers"])
        key = hashlib.sha256(headers.get(b"x-goog-api-key", b"")).digest()
        if (project := KEYS.get(key)) is None or not self.may(project):
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        path = scope["raw_path"].decode() + "?" + scope["query_string"].decode()
        request = self.client.post(self.upstream + path.rstrip("?"))
        request = request.header("content-type", "application/json")
        message = await receive()
        if message["more_body"]:
            request = request.header("content-length", headers[b"content-length"].decode())
            request = request.body_stream(following(message, receive))  # type: ignore[no-untyped-call]
        else:
            request = request.body_bytes(message["body"])
        async with request.streamed_read_buffer_limit(0).build_streamed() as answer:
            said = [(name, answer.get_header(name.decode())) for name in _PASSED]
            passed = [(name, value.encode()) for name, value in said if value is not None]
            start = {"type": "http.response.start", "status": answer.status, "headers": passed}
            await send(start)
            while (chunk := await answer.body_reader.read_chunk()) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def may(self, project: str) -> bool:
        minute = (project, int(time.time() // 60))
        self.used[minute] = self.used.get(minute, 0) + 1
        return self.used[minute] <= QUOTA


async def following(message, receive):  # type: ignore[no-untyped-def]
    yield message["body"]
    while message["more_body"]:
        message = await receive()
        yield message["body"]


def main() -> None:
    port, upstream, *certificate = sys.argv[1:]
    relay = Relay(upstream, certificate[0] if certificate else "")
    uvicorn.run(
        relay,
        port=int(port),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    main()
