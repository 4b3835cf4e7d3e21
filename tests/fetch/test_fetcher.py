"""The guarded fetcher against real sockets: what it brings, and what it is not talked into."""

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from pisang import __version__
from pisang.core.errors import FetchFailed
from pisang.fetch.fetcher import AT_ONCE, Fetcher
from tests.fetch.sites import plain, saying, site

FIELD = "contents[0].parts[0].file_data"
NAME = "pictures.test"
UNREACHABLE = "cannot be reached from this server, or is not public"


def redirect(location: str) -> bytes:
    return plain(b"", f"location: {location}", status="302 Found")


async def here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def fetcher(port: int, **options: object) -> Fetcher:
    settings: dict[str, object] = {"allow": [f"{NAME}:{port}"], "resolve": here, "most": 1000}
    return Fetcher(**(settings | options))  # type: ignore[arg-type]


async def refused(work: Fetcher, address: str) -> str:
    with pytest.raises(FetchFailed) as error:
        await work.fetch(address, field=FIELD)
    assert error.value.field == FIELD
    assert "127.0.0.1" not in error.value.message
    return error.value.message


async def test_a_file_is_brought_with_the_type_its_server_says() -> None:
    seen: list[str] = []
    async with site(saying(plain(b"cat", "content-type: image/PNG; q=1"), seen)) as port:
        got = await fetcher(port).fetch(f"http://{NAME}:{port}/a%20b?c=d#e", field=FIELD)
    assert (got.data, got.mime_type) == (b"cat", "image/png")
    assert seen[0].startswith("GET /a%20b?c=d HTTP/1.1\r\n")
    assert f"host: {NAME}:{port}\r\n" in seen[0].lower()
    assert f"user-agent: pisang/{__version__}\r\n" in seen[0].lower()
    assert "accept-encoding: identity\r\n" in seen[0].lower()


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://127。0。0。1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://no.such.host.invalid/",
        "https://" + "a" * 70 + ".test/",
    ],
)
async def test_what_is_not_public_and_what_is_not_there_sound_the_same(address: str) -> None:
    assert UNREACHABLE in await refused(Fetcher(), address)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://example.com/cat.png", "not http://"),
        ("ftp://example.com/cat.png", "Only https"),
        ("file:///etc/passwd", "Only https"),
        ("gopher://x", "Only https"),
        ("/etc/passwd", "Only https"),
        ("https:///cat.png", "Only https"),
        ("", "no address"),
        ("https://x/" + "a" * 9000, "no address"),
        ("https://a\nb/", "no address"),
        ("https://0177.0.0.1/", "no address"),
        ("https://\ud800/", "no address"),
        ("https://ⓛocalhost/", "no address"),
        ("https://me:secret@8.8.8.8/", "name and password"),
        ("https://example.com\\@127.0.0.1/", "name and password"),
        ("https://8.8.8.8:22/", "Port 22"),
        ("https://8.8.8.8:8443/", "Port 8443"),
    ],
)
async def test_an_address_that_may_not_be_fetched_says_why(address: str, why: str) -> None:
    assert why in await refused(Fetcher(), address)


async def test_the_name_is_looked_up_once_and_the_checked_address_is_used() -> None:
    """A name that is public at the first look and private at the second gains nothing."""
    looks: list[str] = []
    asked: list[httpx2.Request] = []

    async def rebinding(host: str, _port: int) -> Sequence[str]:
        looks.append(host)
        return ["93.184.216.34"] if len(looks) == 1 else ["127.0.0.1"]

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, stream=httpx2.ByteStream(b"cat"))

    work = Fetcher(resolve=rebinding, transport=lambda: httpx2.MockTransport(answer))
    got = await work.fetch("https://Rebind.Test./x", field=FIELD)
    assert got.data == b"cat"
    assert looks == ["rebind.test"]
    assert asked[0].url.host == "93.184.216.34"
    assert asked[0].headers["host"] == "rebind.test."
    assert asked[0].extensions["sni_hostname"] == "rebind.test"
    assert UNREACHABLE in await refused(work, "https://rebind.test/x")


async def test_of_several_addresses_only_public_ones_are_tried() -> None:
    asked: list[str] = []

    async def several(_host: str, _port: int) -> Sequence[str]:
        return ["10.0.0.1", "::1", "2606:4700::1111", "8.8.8.8"]

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.host)
        if len(asked) == 1:
            raise httpx2.ConnectError("no way there")
        return httpx2.Response(200, stream=httpx2.ByteStream(b"cat"))

    work = Fetcher(resolve=several, transport=lambda: httpx2.MockTransport(answer))
    assert (await work.fetch("https://several.test/", field=FIELD)).data == b"cat"
    assert asked == ["2606:4700::1111", "8.8.8.8"]


async def test_redirects_are_followed_and_each_is_checked() -> None:
    async with (
        site(saying(plain(b"cat"))) as last,
        site(saying(redirect(f"http://{NAME}:{last}/cat"))) as first,
    ):
        work = fetcher(first, allow=[f"{NAME}:{first}", f"{NAME}:{last}"])
        got = await work.fetch(f"http://{NAME}:{first}/", field=FIELD)
        assert got.data == b"cat"
        assert "not http://" in await refused(fetcher(first), f"http://{NAME}:{first}/")


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("https://127.0.0.1/", UNREACHABLE),
        ("https://169.254.169.254/latest/meta-data/", UNREACHABLE),
        ("//[::1]/", "not http://"),
        ("http://example.com/", "not http://"),
        ("file:///etc/passwd", "Only https"),
        ("https://user@8.8.8.8/", "name and password"),
        ("", "no address"),
    ],
)
async def test_a_redirect_to_what_may_not_be_fetched_is_refused(location: str, why: str) -> None:
    async with site(saying(redirect(location))) as port:

        async def only_mine(host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1"] if host == NAME else [host]

        work = fetcher(port, resolve=only_mine)
        assert why in await refused(work, f"http://{NAME}:{port}/")


async def test_redirects_end_and_never_leave_https() -> None:
    seen: list[str] = []
    async with site(saying(redirect("/again"), seen)) as port:
        assert "more than 5 times" in await refused(fetcher(port), f"http://{NAME}:{port}/")
    assert len(seen) == 6

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"location": f"http://{NAME}/"})

    work = Fetcher(allow=[NAME], resolve=here, transport=lambda: httpx2.MockTransport(answer))
    assert "from https to http" in await refused(work, f"https://{NAME}/")


async def test_a_file_is_only_so_large() -> None:
    async with site(saying(plain(b"x" * 1000))) as port:
        got = await fetcher(port).fetch(f"http://{NAME}:{port}/", field=FIELD)
        assert len(got.data) == 1000
    async with site(saying(plain(b"x" * 1001))) as port:
        said = await refused(fetcher(port), f"http://{NAME}:{port}/")
        assert "larger than 1000 bytes" in said
        assert "fetch_mb" in said


async def test_an_endless_file_is_cut_off() -> None:
    sent = 0

    async def endless(_: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with site(endless) as port:
        assert "larger than" in await refused(fetcher(port), f"http://{NAME}:{port}/")
    assert sent < 50_000_000


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n"])
async def test_a_drip_is_not_waited_for(head: bytes) -> None:
    async def drip(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in range(900):
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with site(drip) as port:
        began = asyncio.get_running_loop().time()
        said = await refused(fetcher(port, seconds=0.3), f"http://{NAME}:{port}/")
        assert "did not arrive within 0.3 seconds" in said
        assert asyncio.get_running_loop().time() - began < 5


async def test_a_compressed_file_could_be_a_bomb() -> None:
    bomb = gzip.compress(b"\0" * 1_000_000)[:900]
    async with site(saying(plain(bomb, "content-encoding: gzip"))) as port:
        assert "compressed" in await refused(fetcher(port), f"http://{NAME}:{port}/")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (plain(b"the secret page", status="404 Not Found"), "HTTP status 404"),
        (plain(b"the secret page", status="206 Partial Content"), "HTTP status 206"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\ncut", UNREACHABLE),
        (b"SSH-2.0-OpenSSH_9.2\r\n", UNREACHABLE),
        (b"", UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000 + b"\r\n\r\n", UNREACHABLE),
    ],
)
async def test_what_is_no_file_is_refused_without_a_word_of_it(answer: bytes, why: str) -> None:
    async with site(saying(answer)) as port:
        said = await refused(fetcher(port), f"http://{NAME}:{port}/")
    assert why in said
    assert "secret" not in said
    assert "SSH" not in said


async def test_nobody_listening_sounds_like_a_private_address() -> None:
    async with site(saying(b"")) as port:
        pass
    assert UNREACHABLE in await refused(fetcher(port), f"http://{NAME}:{port}/")


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    async with site(saying(plain(b"cat"))) as port:
        got = await fetcher(port).fetch(f"http://{NAME}:{port}/", field=FIELD)
    assert got.data == b"cat"


async def test_tls_proves_the_name_and_not_the_address(tmp_path: Path) -> None:
    server_side, client_side = certificate(tmp_path, NAME)
    async with site(saying(plain(b"cat")), server_side) as port:
        allow = [f"{NAME}:{port}", f"other.test:{port}", f"127.0.0.1:{port}"]
        work = fetcher(port, tls=client_side, allow=allow)
        assert (await work.fetch(f"https://{NAME}:{port}/", field=FIELD)).data == b"cat"
        for host in ("other.test", "127.0.0.1"):
            said = await refused_anyhow(work, f"https://{host}:{port}/")
            assert UNREACHABLE in said


async def refused_anyhow(work: Fetcher, address: str) -> str:
    with pytest.raises(FetchFailed) as error:
        await work.fetch(address, field=FIELD)
    return error.value.message


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for a name that proves itself: the server's side, and who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(file)
    client_side = ssl.create_default_context(cafile=str(file))
    return server_side, client_side


async def test_slow_name_servers_hold_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads that everything else shares stay free, and a closed fetcher waits for nobody."""
    go = threading.Event()

    def slow(*_: object, **__: object) -> list[object]:
        go.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    work = Fetcher(seconds=0.2)
    asked = [work.fetch(f"https://slow{i}.test/", field=FIELD) for i in range(AT_ONCE)]
    waiting = asyncio.gather(*asked, return_exceptions=True)
    try:
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 5) == "free"
        found = await waiting
        assert {type(error) for error in found} == {FetchFailed}
    finally:
        go.set()
        work.close()


async def test_the_operator_can_tell_from_the_log_what_the_caller_is_not_told() -> None:
    with capture_logs() as lines:
        await refused(Fetcher(resolve=here), "https://inside.test/")
        await refused(Fetcher(), "https://no.such.host.invalid/")
    assert lines[0]["host"] == "inside.test"
    assert lines[0]["found"] == ["127.0.0.1"]
    assert lines[0]["why"] == "no public address"
    assert lines[1]["why"].startswith("gaierror")
