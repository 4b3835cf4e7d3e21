import ast
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.errors import UnsupportedParameter
from pisang.core.request import GenerateRequest, ImageConfig, Sampling, Thinking
from pisang.snippets import CLIENTS, Language, json_text, python_text, snippet

NASTY = (
    "say \"hi\" 'there' `id` $(id) $HOME ${x} \\n \\ % !x #y {z} {{w}}\n"
    "second\tline\r\u2028\u202e\x00 🦊👩\u200d🎨 夕 </script> */ ''' \"\"\""
)
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
prompts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def a_request(prompt: str = "a fox", *pictures: Part, **options: object) -> GenerateRequest:
    return GenerateRequest(
        model="gemini-3.1-flash-image",
        contents=(Content(Role.USER, (*pictures, Part(text=prompt))),),
        image=ImageConfig(aspect_ratio="16:9", image_size="2K"),
        sampling=Sampling(seed=7),
        **options,  # type: ignore[arg-type]
    )


def file(path: str, mime_type: str = "image/png") -> Part:
    return Part(file=FileRef(path, mime_type))


@given(st.text())
@example(NASTY)
@example("\udc80")
def test_python_literals_mean_the_text(text: str) -> None:
    literal = python_text(text)

    assert ast.literal_eval(literal) == text
    assert "\n" not in literal


@given(st.text())
@example(NASTY)
def test_json_literals_mean_the_text_and_show_every_letter(text: str) -> None:
    literal = json_text({"text": text})

    assert json.loads(literal) == {"text": text}
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in literal)


@needs_node
def test_javascript_reads_the_literals_as_the_same_text(tmp_path: Path) -> None:
    texts = [NASTY, "\u2029", "𝕏", "\\u0041", "${a}", "`", "</script>", "\u0085"]
    script = tmp_path / "literals.mjs"
    script.write_text(f"console.log(JSON.stringify([{', '.join(map(json_text, texts))}]));")

    output = subprocess.run(["node", script], capture_output=True, text=True, check=True).stdout

    assert json.loads(output) == texts


@given(prompts)
@example(NASTY)
def test_the_python_program_asks_for_the_prompt(prompt: str) -> None:
    tree = ast.parse(snippet(a_request(prompt), Language.PYTHON))

    call = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("generate_content")
    )
    arguments = {word.arg: word.value for word in call.keywords}
    assert ast.literal_eval(arguments["contents"]) == [prompt]
    assert ast.unparse(arguments["config"]) == (
        "types.GenerateContentConfig("
        "image_config=types.ImageConfig(aspect_ratio='16:9', image_size='2K'), seed=7)"
    )


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompt=prompts)
@example(prompt=NASTY)
def test_bash_pours_the_body_into_curl(tmp_path: Path, prompt: str) -> None:
    body = run_curl_snippet(a_request(prompt), tmp_path)

    assert body["contents"] == [{"role": "user", "parts": [{"text": prompt}]}]
    assert body["generationConfig"] == {
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        "seed": 7,
    }


def test_curl_reads_pictures_from_their_files(tmp_path: Path) -> None:
    name = "it's $HOME; -x.png"
    (tmp_path / name).write_bytes(PNG * 5000)

    body = run_curl_snippet(a_request(NASTY, file(name), file(name)), tmp_path)

    import base64

    first, second, text = body["contents"][0]["parts"]
    assert (
        first
        == second
        == {
            "inlineData": {
                "mimeType": "image/png",
                "data": base64.b64encode(PNG * 5000).decode(),
            }
        }
    )
    assert text == {"text": NASTY}


def test_a_request_without_settings_has_a_body_too(tmp_path: Path) -> None:
    request = GenerateRequest(
        model="gemini-3-pro-image", contents=(Content(Role.USER, (Part(text="a fox"),)),)
    )

    assert run_curl_snippet(request, tmp_path) == {
        "contents": [{"role": "user", "parts": [{"text": "a fox"}]}]
    }


def run_curl_snippet(request: GenerateRequest, folder: Path) -> dict[str, list[dict[str, list]]]:  # type: ignore[type-arg]
    """Runs the program with a stand-in for curl that keeps what it is sent."""
    curl = folder / "curl"
    curl.write_text(
        '#!/bin/sh\ncat > sent.json\nprintf "%s\\n" "$@" > words.txt\n'
        """printf '{"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}' """
        "> 'my fox.json'\n"
    )
    curl.chmod(0o755)
    text = snippet(request, Language.CURL, key_env="MY_KEY", file="my fox.png")
    done = subprocess.run(
        ["bash", "-euc", text],
        cwd=folder,
        env={"PATH": f"{folder}:/usr/bin:/bin", "MY_KEY": "sec ret"},
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert done.stderr == b""
    words = (folder / "words.txt").read_text().split("\n")
    assert "x-goog-api-key: sec ret" in words
    assert f"http://127.0.0.1:8787/v1beta/models/{request.model}:generateContent" in words
    assert (folder / "my fox.png").read_bytes() == b"hi"
    sent: dict[str, list[dict[str, list]]] = json.loads((folder / "sent.json").read_bytes())  # type: ignore[type-arg]
    return sent


@needs_node
@pytest.mark.parametrize("pictures", [(), (file("a b.png"), file("https://example.org/x?y='z'"))])
def test_the_javascript_program_is_well_formed(tmp_path: Path, pictures: tuple[Part, ...]) -> None:
    script = tmp_path / "fox.mjs"
    script.write_text(snippet(a_request(NASTY, *pictures), Language.JAVASCRIPT))

    subprocess.run(["node", "--check", script], check=True, capture_output=True)


@pytest.mark.parametrize(
    "pictures", [(file("a.png"),), (file("https://example.org/b.png"), file("c.png"))]
)
def test_the_python_program_with_pictures_is_well_formed(pictures: tuple[Part, ...]) -> None:
    text = snippet(a_request(NASTY, *pictures), Language.PYTHON)

    compile(text, "snippet", "exec")
    assert text.count("types.Part.from_bytes") == len(pictures)


PYTHON_CLIENTS = [
    name
    for name in Language
    if name.startswith(("python", "openai-p", "lang", "pyd", "vert", "gen"))
]
JAVASCRIPT_CLIENTS = [
    name for name in Language if name.startswith(("javascript", "openai-j", "ai-sdk"))
]
BOTH_KINDS = (file("a b.png"), file("https://example.org/x?y='z'"))


def plain(prompt: str, *pictures: Part) -> GenerateRequest:
    """A request that every client has words for."""
    turn = Content(Role.USER, (*pictures, Part(text=prompt)))
    return GenerateRequest(model="gemini-3.1-flash-image", contents=(turn,))


@pytest.mark.parametrize("language", PYTHON_CLIENTS)
@pytest.mark.parametrize("pictures", [(), BOTH_KINDS], ids=["words", "pictures"])
def test_every_python_program_holds_the_prompt_as_text(
    language: Language, pictures: tuple[Part, ...]
) -> None:
    tree = ast.parse(snippet(plain(NASTY, *pictures), language, key_env="MY_KEY"))

    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert NASTY in texts
    assert ("a b.png" in texts) == bool(pictures)
    assert ("https://example.org/x?y='z'" in texts) == bool(pictures)
    assert ("MY_KEY" in texts) == (language not in {"python-vertex", "vertexai"})


@needs_node
@pytest.mark.parametrize("language", JAVASCRIPT_CLIENTS)
@pytest.mark.parametrize("pictures", [(), BOTH_KINDS], ids=["words", "pictures"])
def test_every_javascript_program_is_well_formed(
    tmp_path: Path, language: Language, pictures: tuple[Part, ...]
) -> None:
    script = tmp_path / "fox.mjs"
    script.write_text(snippet(plain(NASTY, *pictures), language))

    subprocess.run(["node", "--check", script], check=True, capture_output=True)
    assert json_text(NASTY) in script.read_text()


def test_every_client_is_either_python_or_javascript_or_a_command() -> None:
    commands = {Language.CURL, Language.CLI}
    assert {*PYTHON_CLIENTS, *JAVASCRIPT_CLIENTS} | commands == set(Language) == set(CLIENTS)


@pytest.mark.parametrize(
    ("language", "options", "word"),
    [
        (Language.VERTEXAI, {"image": ImageConfig(aspect_ratio="16:9")}, "ratio"),
        (Language.VERTEXAI, {"image": ImageConfig(image_size="2K")}, "size"),
        (Language.GENERATIVEAI, {"image": ImageConfig(image_size="2K")}, "size"),
        (Language.GENERATIVEAI, {"sampling": Sampling(seed=1)}, "seed"),
        (Language.OPENAI_PYTHON, {"sampling": Sampling(temperature=1.0)}, "temperature"),
        (Language.LANGCHAIN, {"thinking": Thinking(include_thoughts=True)}, "thinkingConfig"),
    ],
)
def test_a_setting_that_a_client_has_no_word_for_is_refused_by_name(
    language: Language, options: dict[str, object], word: str
) -> None:
    with pytest.raises(UnsupportedParameter, match=f"no word for {word}"):
        snippet(replace(plain("a fox"), **options), language)  # type: ignore[arg-type]


def test_our_own_command_is_quoted_for_the_shell(tmp_path: Path) -> None:
    stand_in = tmp_path / "pisang"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    stand_in.chmod(0o755)
    prompt = NASTY.replace("\x00", "")
    text = snippet(a_request(prompt, file("-x.png")), Language.CLI, key_env="K", file="-f.png")

    done = subprocess.run(
        ["bash", "-c", text],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "K": "key"},
        capture_output=True,
        check=True,
    )

    words = done.stdout.decode().split("\0")[:-1]
    assert words[-2:] == ["--", prompt]
    assert words[words.index("-a") + 1] == "-x.png"
    assert words[words.index("--key") + 1] == "key"
    assert words[words.index("-r") + 1] == "16:9"


def test_every_option_of_the_wire_reaches_the_sdk_programs() -> None:
    request = a_request(
        thinking=Thinking(include_thoughts=True),
        system_instruction=Content(Role.USER, (Part(text="Be bold."),)),
    )

    python = snippet(request, Language.PYTHON)
    javascript = snippet(request, Language.JAVASCRIPT)

    assert "thinking_config=types.ThinkingConfig(include_thoughts=True)" in python
    assert 'system_instruction={"role": "user", "parts": [{"text": "Be bold."}]}' in python
    assert "thinkingConfig: { includeThoughts: true }" in javascript
    assert 'systemInstruction: { role: "user", parts: [{"text": "Be bold."}] }' in javascript


def test_a_picture_that_is_held_in_memory_is_read_by_its_name() -> None:
    named = Part(blob=Blob("image/webp", b"...", display_name="cat.webp"))
    unnamed = Part(blob=Blob("image/jpeg", b"..."))

    text = snippet(a_request("x", named, unnamed), Language.PYTHON)

    assert 'Path("cat.webp")' in text
    assert 'Path("picture-2.jpeg")' in text


@pytest.mark.parametrize("name", ["A B", "1A", "$(id)", "", "Ä"])
def test_a_variable_that_no_shell_knows_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedParameter, match="environment variable"):
        snippet(a_request(), Language.CURL, key_env=name)


def test_chats_are_refused() -> None:
    turn = Content(Role.USER, (Part(text="x"),))
    with pytest.raises(UnsupportedParameter, match="one turn"):
        snippet(GenerateRequest(model="m", contents=(turn, turn)), Language.PYTHON)
