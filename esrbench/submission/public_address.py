"""An address that a submission may have the judge fetch from: https, on the public internet.

A manifest is a stranger's. Without this, its ``url`` could make the judge ask something of the
judge's own machine or network, which only the judge can reach. What remains: a name that leads to
a public address when it is looked up here and to a private one a moment later; the checksum then
refuses what it gives.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urljoin, urlsplit

from esrbench.errors import SubmissionError


def require_public(url: str) -> None:
    """Raise SubmissionError unless ``url`` is https and its host has public addresses only.

    A host that cannot be looked up is let through: fetching from it fails by itself.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise SubmissionError(f"{url}: weights are fetched from https addresses only.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        return
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise SubmissionError(
                f"{url}: its host is {address[0]}, which is no public address; weights are not "
                "fetched from this machine or its network."
            )


def require_public_redirect(response: Any, *_: object, **__: object) -> None:
    """The same for where a ``requests.Response`` leads on to; made to be a response hook."""
    if response.is_redirect:
        require_public(urljoin(response.url, response.headers["location"]))
