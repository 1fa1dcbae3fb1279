"""An address that the judge may fetch from: on the public internet.

A manifest is a stranger's, and so may a catalogue of data sets be. Without this, a ``url`` in it
could make the judge ask something of its own machine or network, which only the judge can reach.
What remains: a name that leads to a public address when it is looked up here and to a private one
a moment later; the checksum then refuses what it gives.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urljoin, urlsplit

from esrbench.errors import SubmissionError


def private_address(url: str) -> str | None:
    """The first address of the host of ``url`` that is no public one; None where all are.

    None, too, for a host that cannot be looked up: fetching from it fails by itself.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or 443
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        return None
    addresses = (str(address[0]) for *_, address in found)
    return next((text for text in addresses if not _is_public(text)), None)


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def require_public(url: str) -> None:
    """Raise SubmissionError unless ``url`` is https and its host has public addresses only."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise SubmissionError(f"{url}: weights are fetched from https addresses only.")
    private = private_address(url)
    if private is not None:
        raise SubmissionError(
            f"{url}: its host is {private}, which is no public address; weights are not "
            "fetched from this machine or its network."
        )


def require_public_redirect(response: Any, *_: object, **__: object) -> None:
    """The same for where a ``requests.Response`` leads on to; made to be a response hook."""
    if response.is_redirect:
        require_public(urljoin(response.url, response.headers["location"]))
