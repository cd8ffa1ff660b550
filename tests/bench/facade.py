"""The sandbox's API: start-up, memory, requests per second, and eight clients for a minute."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.numbers import BLUEPRINT, ROOT, Number

OPERATOR = {"Authorization": "Bearer sandbox:operator"}
SECONDS = float(os.environ.get("BENCH_LOAD_SECONDS", "60"))
CLIENTS = 8
TOPICS = "/pubsub/v1/projects/p1/topics"


class Client:
    """One connection that is kept open."""

    def __init__(self, endpoint: str) -> None:
        self._connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=60)

    def __call__(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of one request."""
        self._connection.request(method, path, body, OPERATOR)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def measure(work: Path) -> Iterator[Number]:
    """Every number of the API, each taken on a sandbox of its own process."""
    shutil.copytree(ROOT / ".sandbox" / "schema", work / ".sandbox" / "schema")
    begin = time.perf_counter()
    with served(work) as (endpoint, process):
        yield Number("API: from the command to the first answer", time.perf_counter() - begin, "s", 10)
        client = Client(endpoint)
        yield Number("API: read a bucket, one client", rate(lambda: _read(client)), "/s")
        names = iter(range(10**9))
        yield Number("API: create a topic, one client", rate(lambda: _create(client, next(names))), "/s")
        yield Number("API: upload 1 KiB, one client", rate(lambda: _upload(client, next(names))), "/s")
        done, odd, lost = load(endpoint)
        yield Number(f"API: {CLIENTS} clients, reads and writes", done / SECONDS, "/s")
        yield Number(f"API: wrong answers in {SECONDS:.0f} s of that", odd, "", 0)
        yield Number("API: lost updates", lost, "", 0)
        peak = int(Path(f"/proc/{process.pid}/status").read_text().partition("VmHWM:")[2].split()[0])
        yield Number("API: peak memory", peak / 1024, "MiB", 600)


@contextmanager
def served(work: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`blueprint sandbox serve` with one project and one bucket in it."""
    words = [BLUEPRINT, "sandbox", "serve", "--port", "0"]
    work.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(words, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        line = next(text for text in process.stdout if "BLUEPRINT_SANDBOX_ENDPOINT" in text)
        endpoint = line.strip().partition("=")[2]
        client = Client(endpoint)
        project = {"projectId": "p1", "name": "p1", "parent": {"type": "organization", "id": "1"}}
        _expect(client("POST", "/cloudresourcemanager/v1/projects", json.dumps(project).encode()))
        for api in ("storage", "pubsub"):
            _expect(client("POST", f"/serviceusage/v1/projects/p1/services/{api}.googleapis.com:enable", b"{}"))
        _expect(client("POST", "/storage/v1/b?project=p1", b'{"name": "data", "location": "EU"}'))
        yield endpoint, process
    finally:
        process.terminate()
        process.wait(20)


def rate(once: Callable[[], None], seconds: float = 3) -> float:
    """How often something is done in a second."""
    deadline, done = time.perf_counter() + seconds, 0
    while time.perf_counter() < deadline:
        once()
        done += 1
    return done / seconds


def load(endpoint: str) -> tuple[int, int, int]:
    """(requests, answers that are wrong, updates lost) of all clients together."""
    _expect(Client(endpoint)("POST", "/upload/storage/v1/b/data/o?uploadType=media&name=count", b"0"))
    deadline = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as pool:
        told = list(pool.map(lambda place: _work(endpoint, place, deadline), range(CLIENTS)))
    requests, odd, counted = (sum(line[place] for line in told) for place in range(3))
    _, held = Client(endpoint)("GET", "/storage/v1/b/data/o/count?alt=media")
    return requests, odd, abs(int(held) - counted)


def _work(endpoint: str, place: int, deadline: float) -> tuple[int, int, int]:
    client, requests, odd, counted = Client(endpoint), 0, 0, 0
    while time.monotonic() < deadline:
        name = f"{TOPICS}/load-{place}-{requests}"
        answers = [client("PUT", name, b"{}")[0], client("GET", name)[0], client("GET", f"{TOPICS}?pageSize=5")[0]]
        status, body = client("GET", "/storage/v1/b/data/o/count")
        generation = json.loads(body)["generation"]
        _, value = client("GET", f"/storage/v1/b/data/o/count?alt=media&generation={generation}")
        after = f"/upload/storage/v1/b/data/o?uploadType=media&name=count&ifGenerationMatch={generation}"
        written, _ = client("POST", after, str(int(value) + 1).encode())
        counted += written == 200
        answers += [status, client("DELETE", name)[0]]
        requests += 7
        odd += sum(code not in (200, 204) for code in answers) + (written not in (200, 412))
    return requests, odd, counted


def _read(client: Client) -> None:
    _expect(client("GET", "/storage/v1/b/data"))


def _create(client: Client, number: int) -> None:
    _expect(client("PUT", f"{TOPICS}/t{number}", b"{}"))


def _upload(client: Client, number: int) -> None:
    _expect(client("POST", f"/upload/storage/v1/b/data/o?uploadType=media&name=o{number}", b"x" * 1024))


def _expect(answer: tuple[int, bytes]) -> None:
    if answer[0] not in (200, 204):
        raise SystemExit(f"the API answered {answer[0]}: {answer[1][:300]!r}")
