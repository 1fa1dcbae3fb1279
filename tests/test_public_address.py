"""A stranger's manifest cannot have the judge ask its own machine or network."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest

from esrbench.errors import SubmissionError
from esrbench.public_address import require_public, require_public_redirect

# The special ranges of RFC 6890, an IPv4 address in IPv6, a cloud's metadata address, and a
# number that resolvers take for 127.0.0.1.
PRIVATE = [
    "https://127.0.0.1/net.pth",
    "https://localhost:8443/net.pth",
    "https://10.1.2.3/net.pth",
    "https://192.168.0.1/net.pth",
    "https://172.16.5.4/net.pth",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/net.pth",
    "https://[::1]/net.pth",
    "https://[fd00::1]/net.pth",
    "https://[::ffff:127.0.0.1]/net.pth",
    "https://0.0.0.0/net.pth",
    "https://2130706433/net.pth",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_no_private_address(url: str) -> None:
    with pytest.raises(SubmissionError, match="no public address"):
        require_public(url)


@pytest.mark.parametrize("url", ["http://example.org/a", "file:///etc/passwd", "ftp://a/b", "x"])
def test_https_only(url: str) -> None:
    with pytest.raises(SubmissionError, match="https addresses only"):
        require_public(url)


def test_every_address_of_a_name_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (host, 443)) for host in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with pytest.raises(SubmissionError, match=r"10\.0\.0\.1"):
        require_public("https://example.org/net.pth")


def test_a_redirect_leads_to_no_private_address() -> None:
    here = SimpleNamespace(
        is_redirect=True, url="https://example.org/a", headers={"location": "//127.0.0.1/b"}
    )
    with pytest.raises(SubmissionError, match="no public address"):
        require_public_redirect(here)
    require_public_redirect(SimpleNamespace(is_redirect=False))
