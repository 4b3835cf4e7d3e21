"""Eight callers at a time: pictures a second, the slow end, and memory, against one at a time."""

import http.client
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from bench.report import Row
from bench.serving import Server, serving

MODEL = "gemini-3.1-flash-image"
CALLERS = 8
PROMPTS = (
    "A red cat next to a tree at night",
    'A birthday card with "Happy Birthday!" in gold script on navy with confetti',
    "Three dogs and a blue car in front of a house",
    "A white sailboat on the sea at sunset",
)


def rows(*, requests: int = 64) -> list[Row]:
    with serving() as server:
        for prompt in PROMPTS:  # warm up: fonts, lexicon, drawings
            _ask(server, prompt)
        alone = [_ask(server, PROMPTS[number % 4]) for number in range(requests // 4)]
        server.forget_peak()
        began = time.perf_counter()
        with ThreadPoolExecutor(CALLERS) as callers:
            wishes = [PROMPTS[number % 4] for number in range(requests)]
            times = list(callers.map(lambda wish: _ask(server, wish), wishes))
        seconds = time.perf_counter() - began
        peak = server.peak_mb()
    rate, single = requests / seconds, 1 / statistics.mean(alone)
    slow = statistics.quantiles(times, n=20)[-1]
    return [
        Row(
            f"{CALLERS} callers at a time, 1K pictures",
            f"{rate:.1f} a second, p95 {slow * 1000:.0f} ms, peak {peak:.0f} MB",
            f"one caller: {single:.1f} a second",
            f"{rate / single:.2f}",
            "reported",
            True,
        )
    ]


def _ask(server: Server, prompt: str) -> float:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    content = json.dumps({"contents": [{"parts": [{"text": prompt}]}]})
    path = f"/v1beta/models/{MODEL}:generateContent"
    connection.request("POST", path, content, {"x-goog-api-key": server.key})
    response = connection.getresponse()
    answer = response.read()
    assert response.status == 200, answer[:300]
    return time.perf_counter() - began
