"""Downloads against a server that the test starts on this machine."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from esrbench.data import fetch
from esrbench.data.download import Downloaded, download
from esrbench.data.entry import DatasetEntry
from esrbench.errors import EsrbenchError, UnavailableError, UsageError

BODY = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()


class Server:
    """Serves ``files``; remembers the Range of every request and can break off or lie."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ranges: list[str | None] = []
        self.break_off_after: int | None = None
        self.knows_ranges = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = self.files.get(request.path)
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        if request.path == "/elsewhere":
            request.send_response(302)
            port = self._http.server_port
            request.send_header("Location", f"http://localhost:{port}/file.png")
            request.end_headers()
            return
        if body is None:
            request.send_error(404)
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        start = int(re.fullmatch(r"bytes=(\d+)-", asked).group(1)) if asked else 0  # type: ignore[union-attr]
        if request.headers.get("If-Range", etag) != etag or not self.knows_ranges:
            start = 0
        if start >= len(body) > 0:
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(body)}")
            request.end_headers()
            return
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.send_header("Content-Length", str(len(body) - start))
        request.send_header("ETag", etag)
        request.end_headers()
        request.wfile.write(body[start:][: self.break_off_after])

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    # It stands for a public one: itself, and by the other names of this machine it is none.
    inside = lambda url: "here" if "localhost" in url else None  # noqa: E731
    monkeypatch.setattr(fetch, "private_address", inside)
    running = Server()
    running.files["/file.png"] = BODY
    yield running
    running.stop()


def _get(root: Path, *items: dict[str, object], **options: object) -> list[Downloaded]:
    entry = DatasetEntry.model_validate(
        {
            "title": "t",
            "images": 1,
            "scales": [2, 4],
            "hr": {"folders": ["HR"]},
            "licence": "l",
            "source": "s",
            "how_to_get": "ask",
            "downloads": list(items),
        }
    )
    return download("Net", data_root=root, catalogue={"Net": entry}, **options)  # type: ignore[arg-type]


def _file(server: Server, **more: object) -> dict[str, object]:
    item = {"url": f"{server.url}/file.png", "to": "HR/file.png", "sha256": _sha(BODY)}
    return {**item, **more}


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_whole_and_checked(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    (done,) = _get(
        tmp_path, _file(server), progress=lambda url, had, total: seen.append((had, total))
    )
    assert (tmp_path / "HR" / "file.png").read_bytes() == BODY
    assert (done.status, done.sha256, done.checked) == ("fetched", _sha(BODY), True)
    assert done.bytes == len(BODY)
    assert seen[-1] == (len(BODY), len(BODY))
    assert not list((tmp_path / ".esrbench-downloads").iterdir())


def test_second_time_nothing_is_sent(server: Server, tmp_path: Path) -> None:
    _get(tmp_path, _file(server))
    requests = len(server.ranges)
    (done,) = _get(tmp_path, _file(server))
    assert (done.status, done.checked) == ("already there", True)
    assert len(server.ranges) == requests


def test_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.break_off_after = 90_000
    with pytest.raises(UnavailableError, match="270000 bytes are kept, run the same command"):
        _get(tmp_path, _file(server))  # three attempts of 90,000 bytes each
    assert server.ranges == [None, "bytes=90000-", "bytes=180000-"]
    assert not (tmp_path / "HR").exists()
    server.break_off_after = None
    (done,) = _get(tmp_path, _file(server))
    assert server.ranges[-1] == "bytes=270000-"
    assert (done.resumed_at, done.checked) == (270_000, True)
    assert (tmp_path / "HR" / "file.png").read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_not_glued(server: Server, tmp_path: Path) -> None:
    server.break_off_after = 50_000
    with pytest.raises(UnavailableError):
        _get(tmp_path, _file(server))
    server.break_off_after = None
    other = server.files["/file.png"] = BODY[::-1]
    (done,) = _get(tmp_path, _file(server, sha256=_sha(other)))
    assert done.checked
    assert (tmp_path / "HR" / "file.png").read_bytes() == other


def test_a_server_without_ranges(server: Server, tmp_path: Path) -> None:
    server.break_off_after = 50_000
    server.knows_ranges = False
    with pytest.raises(UnavailableError):
        _get(tmp_path, _file(server))
    server.break_off_after = None
    (done,) = _get(tmp_path, _file(server))
    assert done.checked


def test_whole_before_it_was_checked(server: Server, tmp_path: Path) -> None:
    """Killed between the last byte and the check: the server answers 416, the file is used."""
    server.break_off_after = 50_000
    with pytest.raises(UnavailableError):
        _get(tmp_path, _file(server))
    (part,) = (tmp_path / ".esrbench-downloads").glob("*.part")
    part.write_bytes(BODY)
    (done,) = _get(tmp_path, _file(server))
    assert done.checked
    assert done.resumed_at == len(BODY)


def test_a_wrong_hash_is_refused_and_forgotten(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=f"its sha256 is {_sha(BODY)}, not {'0' * 64}"):
        _get(tmp_path, _file(server, sha256="0" * 64))
    assert not (tmp_path / "HR").exists()
    assert not list((tmp_path / ".esrbench-downloads").iterdir())


def test_more_bytes_than_there_should_be(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="larger than the 1000 bytes"):
        _get(tmp_path, _file(server, bytes=1000))


def test_an_unknown_hash_needs_a_word(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--accept-unknown-hash"):
        _get(tmp_path, _file(server, sha256=None))
    assert not server.ranges
    (done,) = _get(tmp_path, _file(server, sha256=None), accept_unknown_hash=True)
    assert (done.sha256, done.checked) == (_sha(BODY), False)


def test_another_file_in_its_place_is_left_alone(server: Server, tmp_path: Path) -> None:
    (tmp_path / "HR").mkdir()
    (tmp_path / "HR" / "file.png").write_bytes(b"mine")
    with pytest.raises(UsageError, match="move it away"):
        _get(tmp_path, _file(server))
    assert (tmp_path / "HR" / "file.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("path", "says"), [("/none.png", "answered 404"), ("", "could not be fetched")]
)
def test_no_such_file_or_server(path: str, says: str, server: Server, tmp_path: Path) -> None:
    url = server.url + path if path else "http://127.0.0.1:9/file.png"
    with pytest.raises(UnavailableError, match=says):
        _get(tmp_path, _file(server, url=url))


def test_nothing_to_fetch(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be fetched by esrbench; ask"):
        _get(tmp_path)


def test_only_what_a_scale_needs(server: Server, tmp_path: Path) -> None:
    both = _file(server, scales=[2], to="LR/two.png"), _file(server, to="HR/all.png")
    assert [one.path.name for one in _get(tmp_path, *both, scale=4)] == ["all.png"]
    assert [one.path.name for one in _get(tmp_path, *both)] == ["two.png", "all.png"]


def test_many_files_in_one_entry(server: Server, tmp_path: Path) -> None:
    server.files |= {"/a.png": b"a", "/b.png": b"b"}
    item = {
        "url": f"{server.url}/{{name}}.png",
        "to": "HR/{name}.png",
        "sha256_by_name": {"a": _sha(b"a"), "b": _sha(b"b")},
    }
    done = _get(tmp_path, item)
    assert [(one.path.read_bytes(), one.checked) for one in done] == [(b"a", True), (b"b", True)]


class TestZip:
    """Archives are unpacked as one folder, or not at all."""

    def _item(self, server: Server, data: bytes) -> dict[str, object]:
        server.files["/set.zip"] = data
        return {
            "url": f"{server.url}/set.zip",
            "to": "Set/HR",
            "unpack": True,
            "inside": "HR",
            "sha256": _sha(data),
        }

    def test_one_folder_of_it(self, server: Server, tmp_path: Path) -> None:
        data = _zip(**{"HR/a.png": b"a" * 99, "HR/sub/b.png": b"b", "other/c.png": b"c"})
        (done,) = _get(tmp_path, self._item(server, data))
        files = sorted(p for p in (tmp_path / "Set").rglob("*") if p.is_file())
        assert [p.relative_to(tmp_path).as_posix() for p in files] == [
            "Set/HR/a.png",
            "Set/HR/sub/b.png",
        ]
        assert files[0].read_bytes() == b"a" * 99
        assert done.files == 2
        assert not list((tmp_path / ".esrbench-downloads").iterdir())

    @pytest.mark.parametrize(
        ("member", "says"),
        [
            ("../evil.png", "'../evil.png'"),
            ("HR/../../evil.png", "evil"),
            ("/tmp/evil.png", "evil"),
            ("HR\\evil.png", "evil"),
        ],
    )
    def test_a_path_that_leads_out(
        self, member: str, says: str, server: Server, tmp_path: Path
    ) -> None:
        data = _zip(**{"HR/a.png": b"a", member: b"evil"})
        with pytest.raises(UnavailableError, match=says):
            _get(tmp_path / "root", self._item(server, data))
        assert not list(tmp_path.rglob("*evil*"))
        assert not (tmp_path / "root" / "Set").exists()

    def test_a_link(self, server: Server, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            link = zipfile.ZipInfo("HR/link.png")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
        with pytest.raises(UnavailableError, match="link"):
            _get(tmp_path, self._item(server, buffer.getvalue()))

    def test_a_bomb(self, server: Server, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("HR/zeros.png", bytes(10_000_000))
        with pytest.raises(UnavailableError, match="would unpack to 10000000 bytes"):
            _get(tmp_path, self._item(server, buffer.getvalue()))

    @pytest.mark.parametrize("broken", ["no zip", "cut off", "another folder", "damaged"])
    def test_not_the_archive_that_is_meant(
        self, broken: str, server: Server, tmp_path: Path
    ) -> None:
        whole = _zip(**{"HR/a.png": BODY})
        data = {
            "no zip": b"<html>log in first</html>",
            "cut off": whole[: len(whole) // 2],
            "another folder": _zip(**{"LR/a.png": b"a"}),
            "damaged": whole[:1000] + b"????" + whole[1004:],
        }[broken]
        with pytest.raises(EsrbenchError):
            _get(tmp_path, self._item(server, data))
        assert not (tmp_path / "Set" / "HR").exists()
        assert not list(tmp_path.rglob(".unpack-*"))


def test_no_server_of_this_machine_or_its_network(tmp_path: Path, server: Server) -> None:
    for url in ("http://localhost/file.png", f"{server.url}/elsewhere"):
        with pytest.raises(UsageError, match="no public address"):
            fetch.fetch(url, tmp_path / "part")
    assert server.ranges == [None]  # the redirect was asked for, and not followed
