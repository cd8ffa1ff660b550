"""Git's own smart HTTP server, run for one request."""

import os
import re
import subprocess
from tempfile import NamedTemporaryFile
from urllib.parse import unquote

from sandbox.api.dispatch import Wire
from sandbox.bucket_api import Answer
from sandbox.git_host.repositories import GitRefused, Repositories

_REQUEST = re.compile(r"([a-z0-9-]+)\.git/(info/refs|git-upload-pack|git-receive-pack)")
_BRANCHES, _GONE = "refs/heads/", "0" * 40
_SERVICE = re.compile(r"service=(git-(?:upload|receive)-pack)")


def answer(repositories: Repositories, wire: Wire, principal: str, path: str) -> Answer:
    """Fetch or push, for who may; what was pushed is remembered with who pushed it."""
    found = _REQUEST.fullmatch(unquote(path))
    asked = _SERVICE.search(wire.query) if found and found[2] == "info/refs" else None
    service = asked[1] if asked else found[2] if found else ""
    if found is None or service == "info/refs":
        raise GitRefused(404, f"{path}: not served; use smart HTTP on NAME.git")
    name, pushes = found[1], service == "git-receive-pack"
    rules = repositories.require(name, principal, "writers" if pushes else "readers")
    protected = rules["protected"] if pushes and repositories.git(name, "for-each-ref", "refs/heads") else []
    around = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(repositories.folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(repositories.folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": wire.http,
        "PATH_INFO": f"/{found[0]}",
        "QUERY_STRING": wire.query,
        "CONTENT_TYPE": wire.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(wire.body)),
        "HTTP_CONTENT_ENCODING": wire.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": wire.headers.get("git-protocol", ""),
        "REMOTE_USER": principal,
        "SANDBOX_PUSHER": principal,
        "SANDBOX_PROTECTED": " ".join(protected),
    }
    with NamedTemporaryFile("r", encoding="utf-8") as moved, NamedTemporaryFile("r", encoding="utf-8") as brought:
        around |= {"SANDBOX_MOVED": moved.name, "SANDBOX_BROUGHT": brought.name}
        done = subprocess.run(["git", "http-backend"], input=wire.body, env=around, capture_output=True, check=False)
        commits = brought.read().split()
        for line in moved:
            _, commit, ref = line.rstrip("\n").split(" ", 2)
            if commit != _GONE:
                repositories.remember(name, ref.removeprefix(_BRANCHES), commit, principal, commits)
    return _parsed(done.stdout)


def _parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, headers = 200, []
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(": ")
        if name.lower() == "status":
            status = int(value.split(" ")[0])
        elif name:
            headers.append((name, value))
    return Answer(status, body, tuple(headers))
