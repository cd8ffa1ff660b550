"""The sandbox's stand-in for Infrastructure Manager: takes an archive, makes what it describes, keeps the state.

Real Terraform runs here on this computer, in the version that is installed, where Google runs 1.5.7. The record of a
deployment lies outside of every bucket of the platform, where Google keeps it for itself; its state lies in the state
bucket, under a prefix that no stack has.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog_templates.archive import content
from operations.catalog_workshop import events
from operations.outcome import OperationFailed
from sandbox.errors import PreconditionFailed
from sandbox.process import Completed
from sandbox.session import Cloud
from settings.model import Model

RECORDS = "//config.googleapis.com"  # no bucket can be called so
INPUTS = "terraform.tfvars.json"
PREFIX = "infrastructure-manager"

Progress = Callable[[str], None]


class Deployment(Model):
    """What Infrastructure Manager knows of one deployment."""

    name: str
    project: str
    region: str
    template: str
    version: str
    archive: str
    sha256: str
    deployer: str
    person: str
    inputs: dict[str, Any]
    state: str
    ordered_at: str
    changed_at: str
    outputs: dict[str, Any] = {}
    resources: list[str] = []
    error: str = ""


class Failed(Exception):  # noqa: N818
    """Terraform failed; `resources` are the addresses that exist nevertheless."""

    def __init__(self, words: str, resources: list[str]) -> None:
        super().__init__(words)
        self.resources = resources


@dataclass
class SandboxEngine:
    """Deployments of one sandbox. `states` is the bucket that holds the states of stacks."""

    cloud: Cloud
    home: Path
    states: str

    def records(self, project: str = "") -> list[Deployment]:
        """Every deployment, or those of a project, by name."""
        found = self.cloud.store.list_objects(RECORDS, f"{project}/" if project else "")
        loaded = [self.record(*one.name.split("/", 1)) for one in found]
        return [one for one in loaded if one]

    def record(self, project: str, name: str) -> Deployment | None:
        """One deployment; None where there is none."""
        found = self.cloud.store.get_object(RECORDS, f"{project}/{name}")
        return Deployment.model_validate_json(found.data) if found else None

    def begin(self, deployment: Deployment) -> bool:
        """Take the name; False where it is taken."""
        try:
            self._store(deployment, if_generation=0)
        except PreconditionFailed:
            return False
        return True

    def save(self, deployment: Deployment) -> None:
        """Remember what a deployment has become."""
        self._store(deployment, None)

    def forget(self, deployment: Deployment) -> None:
        """Remove the record and the working folder of a deployment of which nothing is left."""
        self.cloud.store.delete_object(RECORDS, _id(deployment))
        self.cloud.store.delete_object(self.states, f"{PREFIX}/{_id(deployment)}/default.tfstate")
        shutil.rmtree(self._folder(deployment), ignore_errors=True)

    def apply(self, deployment: Deployment, archive: bytes, progress: Progress) -> tuple[dict[str, Any], list[str]]:
        """Make what the archive describes; outputs and addresses. Failed where Terraform does."""
        self._prepare(deployment, archive)
        outputs: dict[str, Any] = {}

        def read(line: str) -> None:
            for event in events(line):
                if event.get("type") == "apply_complete":
                    progress(event["hook"]["resource"]["addr"])
                if event.get("type") == "outputs":
                    outputs.update({name: it.get("value") for name, it in event["outputs"].items()})

        done = self._terraform(deployment, "apply", "-json", "-input=false", "-auto-approve", on_line=read)
        if done.returncode:
            raise Failed(_words(done), self._addresses(deployment))
        return outputs, self._addresses(deployment)

    def destroy(self, deployment: Deployment, progress: Progress) -> None:
        """Take down what a deployment made. Failed where something stays."""

        def read(line: str) -> None:
            for event in events(line):
                if event.get("type") == "apply_complete":
                    progress(event["hook"]["resource"]["addr"])

        done = self._terraform(deployment, "destroy", "-json", "-input=false", "-auto-approve", on_line=read)
        if done.returncode:
            raise Failed(_words(done), self._addresses(deployment))

    def plan(self, deployment: Deployment, archive: bytes) -> dict[str, Any]:
        """What an apply would do, as Terraform's JSON; nothing is made."""
        self._prepare(deployment, archive)
        done = self._terraform(deployment, "plan", "-json", "-input=false", "-out=plan.bin")
        if done.returncode:
            raise Failed(_words(done), [])
        shown: dict[str, Any] = json.loads(self._terraform(deployment, "show", "-json", "plan.bin").stdout)
        return shown

    def _prepare(self, deployment: Deployment, archive: bytes) -> None:
        folder = self._folder(deployment)
        shutil.rmtree(folder, ignore_errors=True)
        for name, data in content(archive).items():
            if not name.startswith(("tests/", "examples/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
        backend = {"gcs": {"bucket": self.states, "prefix": f"{PREFIX}/{_id(deployment)}"}}
        (folder / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": backend}}))
        (folder / INPUTS).write_text(json.dumps(deployment.inputs))
        done = self._terraform(deployment, "init", "-input=false", "-no-color")
        if done.returncode:
            raise Failed((done.stderr or done.stdout).strip(), [])

    def _terraform(
        self, deployment: Deployment, *words: str, on_line: Callable[[str], None] | None = None
    ) -> Completed:
        return self.cloud.terraform(words, cwd=self._folder(deployment), acting=deployment.deployer, on_line=on_line)

    def _addresses(self, deployment: Deployment) -> list[str]:
        found = self.cloud.store.get_object(self.states, f"{PREFIX}/{_id(deployment)}/default.tfstate")
        state: Mapping[str, Any] = json.loads(found.data) if found else {}
        return sorted(f"{it['type']}.{it['name']}" for it in state.get("resources", []) if it["mode"] == "managed")

    def _folder(self, deployment: Deployment) -> Path:
        return self.home / "work" / PREFIX / deployment.project / deployment.name

    def _store(self, deployment: Deployment, if_generation: int | None) -> None:
        data = deployment.model_dump_json(indent=1).encode()
        self.cloud.store.put_object(RECORDS, _id(deployment), data, if_generation=if_generation)


def _id(deployment: Deployment) -> str:
    return f"{deployment.project}/{deployment.name}"


def _words(done: Completed) -> str:
    told = [it["diagnostic"] for it in events(done.stdout) if it.get("diagnostic", {}).get("severity") == "error"]
    said = [f"{it['summary']} {it.get('detail', '')}".strip() for it in told]
    return "; ".join(said) or done.stderr.strip() or f"terraform ended with {done.returncode}"


def lost(engine: SandboxEngine) -> list[Deployment]:
    """Deployments that were under way when their process died; they are marked as failed."""
    found = []
    for one in engine.records():
        if one.state.endswith("ING"):
            marked = one.model_copy(update={"state": "FAILED", "error": "the process that worked on it ended"})
            engine.save(marked)
            found.append(marked)
    return found


def must_exist(engine: SandboxEngine, project: str, name: str) -> Deployment:
    """A deployment by name. OperationFailed where there is none."""
    found = engine.record(project, name)
    if found is None:
        raise OperationFailed(
            f"deployment '{name}'", f"does not exist in {project}", "see 'blueprint catalog deployments'"
        )
    return found
