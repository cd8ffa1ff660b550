"""What the sandbox's API only describes and this computer really does: builds, deployments and the rest of the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.api.call import Facade, Runner
from sandbox.exclusive import SandboxBusy
from sandbox.session import Cloud, running
from sandbox.workloads.containers import Host
from settings.places import EXAMPLE, found

PATIENCE = 600.0
Line = Callable[[str], None]


@dataclass(frozen=True)
class Workshop:
    """Registers whoever does the work of one served sandbox.

    `home` is the folder `.sandbox`, `repository` where builds of commits find the code: without one on the sandbox's
    Git host. `cloud` is the sandbox that this process runs already; without one it is run for each piece of work, once
    nobody else uses it. `settings` hold in builds of repositories that have none.
    """

    home: Path
    repository: Path | None
    cloud: Cloud | None = None
    line: Line = lambda line: None
    settings: Path = field(default_factory=lambda: found() or Path(EXAMPLE))

    def register(self, facade: Facade) -> None:
        """From now on the facade's work is done here; who is registered already stays."""
        from operations import airflow
        from operations.builds.runner import Worker, surroundings
        from sandbox.workloads.custom_jobs import Jobs
        from sandbox.workloads.deployments import Manager
        from sandbox.workloads.servers import Servers

        home = self.home.parent
        host = Host(facade.store, lambda principal, folder: surroundings(home, facade.endpoint, principal, folder))
        jobs, servers = Jobs(host, facade.cancelled), Servers(host)
        facade.closing.append(servers.close)
        manager = Manager(self.home / "deployments", self._opened)
        worker = Worker(home, self.repository, facade, self.line, self.settings)
        known: dict[str, Runner] = {"build": worker, "deployment": manager.deploy, "preview": manager.preview}
        known |= {"custom_job": jobs.custom, "tuning_job": jobs.tuning, "predict": servers.predict}
        known |= {"batch_prediction": partial(_score, facade, host), "generate": _generate}
        known["template"] = partial(_template, facade)
        known["airflow"] = airflow.runner(self.home / "pipelines" / "airflow")
        facade.runners = known | facade.runners

    @contextmanager
    def _opened(self) -> Iterator[Cloud]:
        with nullcontext(self.cloud) if self.cloud else _patiently(self.home) as cloud:
            yield cloud


def _score(facade: Facade, host: Host, job: dict[str, Any]) -> dict[str, Any]:
    """A batch prediction; the warehouse is brought in when one is first asked for."""
    from sandbox.api.verbs.bigquery_tables import warehouse_of
    from sandbox.workloads.batches import Batches

    return Batches(host, partial(warehouse_of, facade))(job)


def _generate(asked: dict[str, Any]) -> dict[str, Any]:
    """What a model says: the labelled stub, brought in when it is first asked."""
    from operations.stub_model import answer

    return answer(asked)


def _template(facade: Facade, job: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a job over one of Google's templates."""
    from operations.stub_autosxs import play

    return play(facade.store, job)


@contextmanager
def _patiently(home: Path) -> Iterator[Cloud]:
    """The sandbox, after waiting for whoever uses it now."""
    end = time.monotonic() + PATIENCE
    while True:
        context = running(home)
        try:
            cloud = context.__enter__()
            break
        except SandboxBusy:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    try:
        yield cloud
    finally:
        context.__exit__(None, None, None)
