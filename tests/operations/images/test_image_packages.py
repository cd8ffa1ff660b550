"""Packages of an image: from the platform's own index, as who is logged in, and exactly those of the lock."""

from __future__ import annotations

import base64
import threading
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from operations.images.making import packages
from operations.outcome import OperationFailed

LOGIN = "Basic " + base64.b64encode(b"oauth2accesstoken:secret").decode()
WHEEL = "planted-1.0-py3-none-any.whl"


def wheel() -> bytes:
    data, about = BytesIO(), "planted-1.0.dist-info"
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr("planted.py", "YES = True\n")
        packed.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{about}/RECORD", "planted.py,,\n")
    return data.getvalue()


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An index of one package that knows one login; its address without the scheme."""
    held = {"/simple/planted/": f'<a href="{WHEEL}">{WHEEL}</a>'.encode(), f"/simple/planted/{WHEEL}": wheel()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == LOGIN
            self.send_response(401 if not known else 200 if self.path in held else 404)
            self.send_header("Content-Type", "application/zip" if self.path.endswith("whl") else "text/html")
            self.end_headers()
            self.wfile.write(held.get(self.path, b"") if known else b"")

        def log_message(self, *_: object) -> None: ...

    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}/simple/"
        server.shutdown()


def locked(folder: Path, digest: str) -> Path:
    lock = folder / "packages.txt"
    lock.write_text(f"planted==1.0 --hash=sha256:{digest}\n")
    return lock


def test_packages_come_from_the_index_of_the_platform_as_who_is_logged_in(index: str, tmp_path: Path) -> None:
    lock = locked(tmp_path, sha256(wheel()).hexdigest())
    found = dict(packages(lock, f"http://oauth2accesstoken:secret@{index}"))
    assert found["app/planted.py"] == b"YES = True\n"
    with pytest.raises(OperationFailed, match="planted") as refused:
        dict(packages(lock, f"http://oauth2accesstoken:expired@{index}"))
    assert "expired" not in str(refused.value), "a login is never shown"


def test_a_package_that_is_not_the_locked_one_is_refused(index: str, tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="planted"):
        dict(packages(locked(tmp_path, "0" * 64), f"http://oauth2accesstoken:secret@{index}"))
