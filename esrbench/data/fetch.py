"""Fetch one file over HTTP into a partial file that a later call continues.

Data sets are gigabytes, and an hour's download that broke goes on where it stopped. pooch, which
gets checkpoints (``submission/weights.py``), starts again from nothing.
"""

from __future__ import annotations

import contextlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esrbench import __version__
from esrbench.errors import UnavailableError, UsageError
from esrbench.file_hash import file_sha256
from esrbench.public_address import private_address

_CHUNK = 1 << 20
_TIMEOUT_SECONDS = 30.0
_ATTEMPTS = 3

Report = Callable[[int, int | None], None]
"""Called with bytes had so far and bytes in all (None where the server does not say)."""


@dataclass(frozen=True)
class Fetched:
    """A whole file."""

    path: Path
    sha256: str
    bytes: int
    resumed_at: int
    """Bytes that were there before this call; 0 for a fresh start."""


class _OtherFileError(Exception):
    """What the server has is no continuation of the partial file."""


def fetch(
    url: str, part: Path, *, limit: int | None = None, report: Report | None = None
) -> Fetched:
    """All of ``url`` in ``part``, continued (HTTP Range) where an earlier call stopped.

    A lost connection is tried again twice. ``limit``: more bytes than that are refused. Raises
    UnavailableError when the server cannot be reached, refuses, or sends too much or too little;
    what was received stays for the next call. UsageError for a server that is no public one.
    """
    _require_public(url)
    part.parent.mkdir(parents=True, exist_ok=True)
    before = part.stat().st_size if part.exists() else 0
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _receive(url, part, limit, report)
            break
        except _OtherFileError:
            discard(part)
            before = 0
        except urllib.error.HTTPError as why:
            raise UnavailableError(f"{url}: the server answered {why.code} {why.reason}.") from None
        except (OSError, http.client.HTTPException) as why:
            if attempt == _ATTEMPTS:
                had = part.stat().st_size if part.exists() else 0
                raise UnavailableError(
                    f"{url} could not be fetched ({getattr(why, 'reason', None) or why}); "
                    f"{had} bytes are kept, run the same command again to go on."
                ) from None
    else:
        raise UnavailableError(f"{url}: the server's answers do not fit together; try again later.")
    return Fetched(part, file_sha256(part), part.stat().st_size, before)


def _require_public(url: str) -> None:
    private = private_address(url)
    if private is not None:
        raise UsageError(
            f"{url}: its host is {private}, which is no public address; data sets are not fetched "
            "from this machine or its network: put the files below the data root yourself."
        )


class _PublicRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a server only to where a catalogue could have led itself."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """As urllib's; raises UsageError for an address that is not public."""
        _require_public(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = urllib.request.build_opener(_PublicRedirects)


def _receive(url: str, part: Path, limit: int | None, report: Report | None) -> None:
    """One request; returns when ``part`` is whole."""
    had = part.stat().st_size if part.exists() else 0
    with contextlib.ExitStack() as open_things:
        try:
            answer = open_things.enter_context(
                _OPENER.open(_request(url, part, had), timeout=_TIMEOUT_SECONDS)
            )
        except urllib.error.HTTPError as why:
            if why.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or not had:
                raise
            if why.headers.get("Content-Range", "").endswith(f"/{had}"):
                return  # the partial file is the whole file
            raise _OtherFileError from None
        if answer.status == http.client.PARTIAL_CONTENT:
            if not answer.headers.get("Content-Range", "").startswith(f"bytes {had}-"):
                raise _OtherFileError
        else:
            had = 0
        length = answer.headers.get("Content-Length")
        total = None if length is None else had + int(length)
        _refuse_more_than(limit, total or 0, url, part)
        _validator_file(part).write_text(answer.headers.get("ETag") or "", encoding="utf-8")
        with part.open("ab" if had else "wb") as file:
            while chunk := answer.read(_CHUNK):
                had += len(chunk)
                _refuse_more_than(limit, had, url, part)
                file.write(chunk)
                if report is not None:
                    report(had, total)
    if total is not None and had != total:
        raise ConnectionError(f"the connection ended after {had} of {total} bytes")


def _request(url: str, part: Path, had: int) -> urllib.request.Request:
    request = urllib.request.Request(url, headers={"User-Agent": f"esrbench/{__version__}"})
    if had:
        request.add_header("Range", f"bytes={had}-")
        validator = _validator_file(part)
        etag = validator.read_text(encoding="utf-8") if validator.exists() else ""
        if etag and not etag.startswith("W/"):
            request.add_header("If-Range", etag)  # a file that changed is sent whole
    return request


def _refuse_more_than(limit: int | None, size: int, url: str, part: Path) -> None:
    if limit is not None and size > limit:
        discard(part)
        raise UnavailableError(f"{url} is larger than the {limit} bytes it should have.")


def _validator_file(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def discard(part: Path) -> None:
    """Delete what `fetch` left at ``part``; a next call starts afresh."""
    part.unlink(missing_ok=True)
    _validator_file(part).unlink(missing_ok=True)
