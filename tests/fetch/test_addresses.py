"""Which addresses are public, in all the forms in which one that is not can be written."""

import pytest

from pisang.fetch.addresses import Allowed, is_public


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"],
)
def test_hosts_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fec0::1",
        "ff02::1",
        "100::1",
        "5f00::1",
        "localhost",
        "",
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


def test_the_operator_allows_a_host_or_one_port_of_it() -> None:
    allowed = Allowed.of(
        ["Files.Internal", "other:8080", "[fd00::5]:9000", "[fd00::6]", "10.0.0.7"]
    )
    assert allowed.has("files.internal", 443)
    assert allowed.has("files.internal", 80)
    assert not allowed.has("files.internal", 8080)
    assert allowed.has("other", 8080)
    assert not allowed.has("other", 443)
    assert allowed.has("fd00::5", 9000)
    assert allowed.has("fd00::6", 443)
    assert allowed.has("10.0.0.7", 443)
    assert not allowed.has("evil.files.internal", 443)


@pytest.mark.parametrize("entry", ["", "host:0", "host:99999", "http://host", "a b", "::1", "x:"])
def test_an_entry_that_is_no_host_is_told(entry: str) -> None:
    with pytest.raises(ValueError, match="is not host or host:port"):
        Allowed.of([entry])
