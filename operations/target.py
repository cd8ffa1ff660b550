"""Where a deploy goes: the sandbox on this computer, or Google. Both take the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from operations.graph import StackPlan
from operations.outcome import OperationFailed
from sandbox import redirect
from sandbox.errors import SandboxError
from sandbox.exclusive import exclusively
from sandbox.launcher import without_node_options
from sandbox.session import Cloud, running
from sandbox.state_locks import state_file
from settings.problems import Problem

HOME = "BLUEPRINT_HOME"
SANDBOX_LABEL = "SANDBOX on this computer - nothing here exists on Google Cloud"
GOOGLE_LABEL = "Google Cloud"


class Target(Protocol):
    """What operations need of a place to deploy to."""

    @property
    def home(self) -> Path:
        """Folder of working folders, backups and the lock."""

    @property
    def name(self) -> str:
        """What machines read, and people type."""

    @property
    def label(self) -> str:
        """What people read."""

    @property
    def knows_states(self) -> bool:
        """Whether `state` can tell; otherwise Terraform is asked."""

    @property
    def recovered(self) -> list[str]:
        """What was repaired at the start because a run before had died, a sentence each."""

    def environment(self) -> dict[str, str]:
        """A complete environment for the Terraform of one stack."""

    def state(self, stack: StackPlan) -> str | None:
        """The stack's state as JSON text, where the target can tell without Terraform."""

    def discard_state(self, stack: StackPlan) -> None:
        """Remove a state that nobody can read."""

    def state_file(self, state: Path) -> AbstractContextManager[None]:
        """Around a run whose state is a file: should it die, what the file does not know is found at the next start."""

    def kept(self) -> list[tuple[str, str]]:
        """(type, id) of what can never be deleted and stays behind after a destroy."""


@dataclass
class SandboxTarget:
    """The local cloud, for as long as this process runs it."""

    home: Path
    cloud: Cloud
    name: str = "sandbox"
    label: str = SANDBOX_LABEL
    knows_states: bool = True

    @property
    def recovered(self) -> list[str]:
        return self.cloud.recovered

    def environment(self) -> dict[str, str]:
        return self.cloud.environment(acting=_account())

    def state(self, stack: StackPlan) -> str | None:
        found = self.cloud.store.objects.get(*stack.state_object())
        return found.data.decode(errors="replace") if found else None

    def discard_state(self, stack: StackPlan) -> None:
        self.cloud.store.objects.delete(*stack.state_object())

    def state_file(self, state: Path) -> AbstractContextManager[None]:
        return state_file(self.cloud.store, state)

    def kept(self) -> list[tuple[str, str]]:
        return self.cloud.store.kept()


@dataclass
class GoogleTarget:
    """Google Cloud, with the caller's own credentials."""

    home: Path
    name: str = "google"
    label: str = GOOGLE_LABEL
    knows_states: bool = False
    recovered: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        plugins = self.home / "plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        return without_node_options(dict(os.environ)) | {
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            "TF_PLUGIN_CACHE_DIR": str(plugins),
            # Stacks share the cache at the same time; each has its own lock file.
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        }

    def state(self, stack: StackPlan) -> str | None:
        return None

    def discard_state(self, stack: StackPlan) -> None:
        place = "gs://{}/{}".format(*stack.state_object())
        raise OperationFailed(
            place, "is not a Terraform state", "delete this version of it; the bucket keeps the others"
        )

    def state_file(self, state: Path) -> AbstractContextManager[None]:
        return nullcontext()

    def kept(self) -> list[tuple[str, str]]:
        return []


def _account() -> str:
    """The service account as which a step of a build runs here; empty for the person at this computer."""
    kind, _, email = os.environ.get(redirect.PRINCIPAL, "").partition(":")
    return email if kind == "serviceAccount" else ""


def home_of(name: str, root: Path) -> Path:
    """Folder of the sandbox, or of plans for Google; BLUEPRINT_HOME, which builds set for steps, goes before `root`."""
    return Path(os.environ.get(HOME, root)) / f".{name}"


@contextmanager
def opened(name: str, root: Path) -> Iterator[Target]:
    """The target `sandbox` or `google`, for exclusive use. `root` is the folder that holds `.sandbox` and `.google`."""
    home = home_of(name, root)
    with as_failures():
        if name == "sandbox":
            with running(home) as cloud:
                yield SandboxTarget(home, cloud)
        else:
            home.mkdir(parents=True, exist_ok=True)
            with exclusively(home / "lock"):
                yield GoogleTarget(home)


@contextmanager
def as_failures() -> Iterator[None]:
    """What the sandbox says, as a failure with place, problem and way out."""
    try:
        yield
    except SandboxError as error:
        problem = Problem.told(str(error))
        raise OperationFailed(problem.place, problem.text, problem.way_out) from None


def run_in_sandbox(root: Path, words: Sequence[str]) -> int:
    """Run a command against the sandbox and return its exit code; the command has the terminal.

    Terraform finds the sandbox's provider, Google's Python clients find its API.
    """
    with opened("sandbox", root) as target, _api(target, root) as api:
        try:
            return subprocess.run(words, env=target.environment() | api, check=False).returncode
        except OSError as error:
            raise OperationFailed(words[0], f"cannot be run ({error.strerror})", "is it installed?") from None


@contextmanager
def _api(target: Target, root: Path) -> Iterator[dict[str, str]]:
    """The environment that sends Google's clients to the sandbox while the block runs."""
    from operations.runners import Workshop
    from sandbox.api.server import serving

    assert isinstance(target, SandboxTarget)
    principal = os.environ.get(redirect.PRINCIPAL, redirect.OPERATOR)
    with serving(target.cloud.store, target.home / "schema") as facade, redirect.installed(facade.endpoint):
        Workshop(target.home, root, target.cloud).register(facade)
        yield redirect.environment(facade.endpoint, principal, base={})


def reset_sandbox(root: Path) -> None:
    """Delete what the sandbox holds; the schema cache stays. OperationFailed while another process uses it."""
    home = home_of("sandbox", root)
    home.mkdir(exist_ok=True)
    with as_failures(), exclusively(home / "lock"), exclusively(home / "serve.lock"):
        for path in home.iterdir():
            if path.name in ("lock", "serve.lock", "schema"):
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
