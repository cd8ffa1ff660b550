"""Infrastructure Manager's work: takes an archive, makes what it describes with real Terraform, keeps the state.

Terraform runs in the version that is installed here, where Google runs 1.5.7. It acts as the deployment's own account,
which needs Google's permission for each change and for reading the archive.
"""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.process import Completed
from sandbox.session import Cloud
from sandbox.store import Store
from sandbox.workloads.blueprints import Refused, account, unpack

Values = dict[str, Any]

_DEPLOYMENTS = "config:projects/locations/deployments"
_WORDS = ("-json", "-input=false")
_CHANGES = {"create": "CREATE", "update": "UPDATE", "delete": "DELETE", "no-op": "UNCHANGED"}


@dataclass(frozen=True)
class Manager:
    """Applies, previews and destroys. `opened` gives the cloud, once nobody else uses it."""

    folder: Path
    opened: Callable[[], AbstractContextManager[Cloud]]

    def deploy(self, deployment: Values) -> Values:
        """Bring a deployment to what its blueprint says, or to nothing where it is being deleted: what changed of it.

        `revision` are changes of the revision, `resources` what exists afterwards.
        """
        with self.opened() as cloud:
            folder = self.folder / deployment["name"]
            if deployment["state"] == "DELETING":
                made = _Run(cloud, folder, deployment)
                run = made.terraform("destroy", *_WORDS, "-auto-approve") if folder.exists() else None
            else:
                run = _prepared(cloud, folder, deployment).terraform("apply", *_WORDS, "-auto-approve")
            if run is not None and run.problems:
                return _failed(run, _resources(folder), destroyed=deployment["state"] == "DELETING")
            if deployment["state"] == "DELETING":
                shutil.rmtree(folder, ignore_errors=True)
                return {"revision": {}, "resources": []}
            assert run is not None
            return {"revision": {"applyResults": {"outputs": run.outputs}}, "resources": _resources(folder)}

    def preview(self, preview: Values) -> Values:
        """What an apply would do: `changes`, one for each resource, and how the preview ended."""
        with self.opened() as cloud:
            named = str(preview.get("deployment") or "")
            place = self.folder / (named or preview["name"])
            run = _prepared(cloud, place, preview).terraform("plan", *_WORDS, "-out=plan.bin")
            if run.problems:
                return {"state": "FAILED", "errorCode": "PREVIEW_BUILD_RUN_FAILED", "tfErrors": run.errors()}
            shown = cloud.terraform(["show", "-json", "plan.bin"], cwd=place).stdout
            if not named:
                shutil.rmtree(place, ignore_errors=True)
            return {"state": "SUCCEEDED", "changes": [_change(line) for line in json.loads(shown)["resource_changes"]]}


def give_up(store: Store) -> list[str]:
    """Mark deployments as failed that were under way when their process died; their names."""
    lost = [(name, body) for name, body in store.documents.find(_DEPLOYMENTS) if body["state"].endswith("ING")]
    for name, body in lost:
        told = {"state": "FAILED", "errorCode": "REVISION_FAILED", "stateDetail": "the process that worked on it ended"}
        store.documents.put(_DEPLOYMENTS, name, body | told)
    return [name for name, _ in lost]


class _Run:
    """One run of Terraform and what it said."""

    def __init__(self, cloud: Cloud, folder: Path, asked: Values) -> None:
        self._cloud, self._folder, self._ready = cloud, folder, 0
        self._revision, self._account = str(asked.get("latestRevision") or ""), account(asked)
        self.outputs: Values = {}
        self.problems: list[Values] = []

    def terraform(self, *words: str) -> "_Run":
        """Run it; `problems` are empty where all went well."""
        done = self._cloud.terraform(words, cwd=self._folder, acting=self._account, on_line=self._read)
        if done.returncode and not self.problems:
            self.problems = [{"summary": _last(done)}]
        return self

    def errors(self) -> list[Values]:
        """The problems as Infrastructure Manager tells them."""
        told = []
        for problem in self.problems:
            text = f"{problem['summary']} {problem.get('detail', '')}".strip()
            code = re.search(r"Error (\d{3})", text)
            line = {"errorDescription": text, "resourceAddress": str(problem.get("address") or "")}
            told.append(line | ({"httpResponseCode": int(code[1])} if code else {}))
        return told

    def _read(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if event.get("type") == "outputs":
            for name, it in event["outputs"].items():
                if "value" in it:
                    self.outputs[name] = {"value": it["value"], "sensitive": bool(it.get("sensitive"))}
        if event.get("type") == "apply_complete" and self._revision:
            self._tell(event["hook"]["resource"])
        if event.get("diagnostic", {}).get("severity") == "error":
            self.problems.append(event["diagnostic"])

    def _tell(self, resource: Values) -> None:
        """A resource that is ready is seen while others are still being made."""
        name = f"{self._revision}/resources/{self._ready:04}"
        info = {"address": resource["addr"], "type": resource["resource_type"]}
        body = {"name": name, "terraformInfo": info, "state": "RECONCILED"}
        self._cloud.store.documents.put(f"{_DEPLOYMENTS}/revisions/resources", name, body)
        self._ready += 1


def _prepared(cloud: Cloud, folder: Path, asked: Values) -> _Run:
    """A folder with the blueprint and its inputs, initialized; what a state says stays."""
    blueprint = asked.get("terraformBlueprint") or {}
    unpack(cloud.store, asked, folder)
    inputs = {name: line.get("inputValue") for name, line in (blueprint.get("inputValues") or {}).items()}
    (folder / "terraform.tfvars.json").write_text(json.dumps(inputs))
    done = cloud.terraform(["init", "-input=false", "-no-color", "-reconfigure"], cwd=folder)
    if done.returncode:
        raise Refused(f"terraform init: {_last(done)}")
    return _Run(cloud, folder, asked)


def _resources(folder: Path) -> list[Values]:
    """What the state holds, as Infrastructure Manager lists it."""
    state = folder / "terraform.tfstate"
    held = json.loads(state.read_text()) if state.exists() else {}
    return [
        {"address": _address(line, instance), "type": line["type"], "id": str(instance["attributes"].get("id") or "")}
        for line in held.get("resources", [])
        if line["mode"] == "managed"
        for instance in line["instances"]
    ]


def _address(line: Values, instance: Values) -> str:
    key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
    return f"{line['module'] + '.' if line.get('module') else ''}{line['type']}.{line['name']}{key}"


def _change(line: Values) -> Values:
    actions = line["change"]["actions"]
    info = {"address": line["address"], "type": line["type"], "resourceName": line["name"], "actions": actions}
    intent = "RECREATE" if len(actions) > 1 else _CHANGES.get(actions[0], "UNCHANGED")
    return {"terraformInfo": info | {"provider": line["provider_name"]}, "intent": intent}


def _failed(run: _Run, resources: list[Values], *, destroyed: bool) -> Values:
    errors = run.errors()
    told = {"errorCode": "DELETE_BUILD_RUN_FAILED" if destroyed else "REVISION_FAILED", "tfErrors": errors}
    detail = "; ".join(line["errorDescription"] for line in errors)
    revision = {"errorCode": "APPLY_BUILD_RUN_FAILED", "tfErrors": errors, "stateDetail": detail}
    return {"state": "FAILED", "stateDetail": detail, "revision": revision, "resources": resources} | told


def _last(done: Completed) -> str:
    return (done.stderr or done.stdout).strip()[-1500:] or f"terraform ended with {done.returncode}"
