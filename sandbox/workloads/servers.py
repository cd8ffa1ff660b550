"""Models that are served: the container of a registered model as a process that answers by Vertex AI's contract."""

import json
import random
import socket
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from sandbox.api.errors import ApiError
from sandbox.errors import SandboxError
from sandbox.workloads import STAND_IN
from sandbox.workloads.containers import Container, Host, account, workplace

Values = dict[str, Any]

PATIENCE = 60.0


@dataclass
class Server:
    """One process that answers predictions at `base`."""

    container: Container
    base: str
    predict_route: str

    def predict(self, body: Values) -> Values:
        """What the container says to a request; ApiError with its words where it refuses."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.base + self.predict_route, data, {"Content-Type": "application/json"})
        try:
            with _direct().open(request, timeout=PATIENCE) as answer:
                told: Values = json.loads(answer.read())
                return told
        except urllib.error.HTTPError as problem:
            raise ApiError(problem.code, f"{problem.read().decode(errors='replace')[:1000]}") from None
        except (OSError, ValueError) as problem:
            raise ApiError(500, f"{STAND_IN}: {problem}; {self.container.last_words()}") from None


@dataclass
class Servers:
    """The servers of all deployed models; each starts when it is first asked and lives until `close`."""

    host: Host
    _running: dict[str, Server] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _turns: defaultdict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))

    def predict(self, asked: Values) -> Values:
        """One prediction of a deployed model: `model`, `deployedModel`, `endpoint`, and the body of the request."""
        key = f"{asked['endpoint']}/{asked['deployedModel']['id']}"
        with self._turns[key]:
            if key not in self._running:
                who = account(self.host.store, asked["endpoint"], asked["deployedModel"].get("serviceAccount"))
                self._running[key] = self._stack.enter_context(started(self.host, asked["model"], who))
        body: Values = {name: asked[name] for name in ("instances", "parameters") if name in asked}
        return {"metadata": STAND_IN} | self._running[key].predict(body)

    def close(self) -> None:
        """End them all."""
        self._stack.close()


@contextmanager
def started(host: Host, model: Values, principal: str) -> Iterator[Server]:
    """The server of a model while the block runs; SandboxError where it does not become healthy.

    It has no mount, unlike a job: it fetches what lies at AIP_STORAGE_URI.
    """
    spec, port = model.get("containerSpec") or {}, _free_port()
    predict, health = str(spec.get("predictRoute") or "/predict"), str(spec.get("healthRoute") or "/health")
    artifacts = str(model.get("artifactUri") or "")
    told = {"AIP_MODE": "PREDICTION", "AIP_HTTP_PORT": str(port), "AIP_STORAGE_URI": artifacts}
    told |= {
        "AIP_PREDICT_ROUTE": predict,
        "AIP_HEALTH_ROUTE": health,
        "GOOGLE_CLOUD_PROJECT": model["name"].split("/")[1],
    }
    with workplace() as folder:
        container = Container.of(host.store, spec, principal, told)
        thread = Thread(target=container.run, args=(host, folder), daemon=True)
        thread.start()
        try:
            _healthy(f"http://127.0.0.1:{port}{health}", container, thread)
            yield Server(container, f"http://127.0.0.1:{port}", predict)
        finally:
            container.process.stop("CANCELLED")
            thread.join(5)


def _healthy(url: str, container: Container, thread: Thread) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and thread.is_alive():
        try:
            with _direct().open(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SandboxError(f"{STAND_IN}: the model's container is not healthy at {url}: {container.last_words()}")


def _direct() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _free_port() -> int:
    """A port that is free, and that the system gives to nobody else before the container takes it."""
    while True:
        port = random.randrange(20000, 32768)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
