"""A server on this computer that answers like Google's APIs, well or badly, and remembers what it was asked."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).parents[2]
ORGANIZATION = "987654321098"
BILLING = "0A1B2C-3D4E5F-6A7B8C"
DOMAIN = "mlworks.test"
QUOTA_PROJECT = "mlworks-quota"
Answer = tuple[int, Any]
HANG, DROP = (0, "hang"), (0, "drop")


def refusal(status: int, message: str = "said Google") -> Answer:
    """An error as Google spells it."""
    return status, {"error": {"code": status, "message": message, "status": "SOME_STATUS"}}


def good(path: str, query: dict[str, list[str]], body: dict[str, Any] | None) -> Answer:
    """What a prepared organization answers."""
    if path.endswith(":testIamPermissions"):
        return 200, {"permissions": (body or {})["permissions"]}
    if path.endswith(":getEffectivePolicy"):
        return 200, {"name": path, "spec": {"rules": [{"allowAll": True}]}}
    if path.endswith("services:batchGet"):
        return 200, {"services": [{"name": name, "state": "ENABLED"} for name in query["names"]]}
    return {
        f"/cloudresourcemanager/v3/organizations/{ORGANIZATION}": (
            200,
            {"displayName": DOMAIN, "directoryCustomerId": "C0mlworks", "state": "ACTIVE"},
        ),
        f"/cloudbilling/v1/billingAccounts/{BILLING}": (200, {"open": True}),
        "/accesscontextmanager/v1/accessPolicies": (200, {}),
        f"/orgpolicy/v2/organizations/{ORGANIZATION}/policies": (200, {}),
    }.get(path, refusal(404, "not found"))


@dataclass
class FakeGoogle:
    """`answers` go before the good ones, by path."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    endpoint: str = ""
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving() -> Iterator[FakeGoogle]:
    """The server, until the block ends."""
    google = FakeGoogle()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            told = self.rfile.read(length)
            body = json.loads(told) if told.startswith(b"{") else None
            google.asked.append((self.command, url.path))
            google.headers.append(dict(self.headers))
            status, content = google.answers.get(url.path) or good(url.path, parse_qs(url.query), body)
            if (status, content) == HANG:
                google.over.wait(20)
            if status == 0:
                return
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{google.endpoint}/stolen")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Silence."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        # Danger: checks ask in parallel; a connection beyond the queue waits a second for its next try.
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    google.endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield google
    finally:
        google.over.set()
        server.shutdown()
        server.server_close()


def own_settings(folder: Path, **changes: str) -> Path:
    """The example's settings, made somebody's own; `changes` replaces or adds lines of organization.yaml."""
    shutil.copytree(ROOT / "settings", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "schema"))
    file = folder / "organization.yaml"
    text = file.read_text().replace("123456789012", ORGANIZATION).replace("example.com", DOMAIN)
    lines = text.replace("C0example", "C0mlworks").splitlines()
    for key, value in changes.items():
        lines = [line for line in lines if not line.startswith(f"{key}:")] + [f"{key}: {value}"]
    file.write_text("\n".join(lines) + "\n")
    return folder
