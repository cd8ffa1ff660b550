"""Vertex AI Pipelines: what is submitted really runs, by kfp.local in a child process; each task tells its state."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox import api, redirect
from sandbox.api import access, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError
from sandbox.watchdog import WATCHDOG

Values = dict[str, Any]

_CHILD = str(Path(api.__file__).with_name("pipeline_child.py"))
_PREFIX = "PIPELINE_STATE_"
_LAST_WORDS = 1500


def _create(call: Call) -> Values:
    template = call.facade.runners.get("template")
    if not call.body.get("pipelineSpec") and not (call.body.get("templateUri") and template):
        raise ApiError(400, "The sandbox runs a pipelineSpec; a templateUri alone it cannot fetch.")
    access.act_as(call, str(call.body.get("serviceAccount") or ""))
    call.body.setdefault("displayName", "pipeline")
    with call.resources.writing:
        made = generic.create(call)
    work = _run if call.body.get("pipelineSpec") else _played
    call.facade.operations.start(made["name"], "", lambda: _ended(call, made["name"], work))
    return made


def _ended(call: Call, name: str, work: Callable[[Call, str], Values]) -> Values:
    """Whatever happens, a job comes to its end."""
    try:
        return work(call, name)
    except Exception as problem:
        error = {"code": 13, "message": f"SANDBOX: {type(problem).__name__}: {problem}"}
        _update(call, name, {"state": f"{_PREFIX}FAILED", "error": error, "endTime": stamping.now()})
        raise


def _played(call: Call, name: str) -> Values:
    """A template of Google's: what the registered `template` runner makes of the job."""
    job = _update(call, name, {"state": f"{_PREFIX}RUNNING", "startTime": stamping.now()})
    try:
        end = {"state": f"{_PREFIX}SUCCEEDED", **call.facade.runners["template"](job)}
    except ApiError as problem:
        end = {"state": f"{_PREFIX}FAILED", "error": {"code": 9, "message": f"SANDBOX: {problem.message}"}}
    _update(call, name, end | {"endTime": stamping.now()})
    return {}


def _run(call: Call, name: str) -> Values:
    begun = {"state": f"{_PREFIX}RUNNING", "startTime": stamping.now(), "jobDetail": _contexts(call, name)}
    job = _update(call, name, begun)
    if job["state"].endswith("CANCELLED"):
        return {}
    folder = call.store.path.parent.absolute() / "pipelines" / name.replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps(job))
    states, account = folder / "states.jsonl", job.get("serviceAccount")
    around = redirect.environment(call.facade.endpoint, f"serviceAccount:{account}" if account else call.principal) | {
        "GOOGLE_CLOUD_PROJECT": name.split("/")[1],
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    words = [sys.executable, "-P", _CHILD, *map(str, (folder / "job.json", folder / "root", states, folder / "log"))]
    with (folder / "log").open("w") as log:
        child = subprocess.Popen(
            words, cwd=folder, env=around, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        WATCHDOG.begin(child.pid)
        try:
            while child.poll() is None:
                time.sleep(0.1)
                if _update(call, name, _tasks(job, states))["state"].endswith(("CANCELLED", "CANCELLING")):
                    child.terminate()
        finally:
            child.kill()
            WATCHDOG.end(child.pid)
    end: Values = {"state": f"{_PREFIX}SUCCEEDED"}
    if child.returncode:
        told = (folder / "log").read_text(errors="replace")[-_LAST_WORDS:].strip()
        end = {"state": f"{_PREFIX}FAILED", "error": {"code": 9, "message": f"SANDBOX: {told}"}}
    _update(call, name, _tasks(job, states) | end | {"endTime": stamping.now()})
    return {}


def _update(call: Call, name: str, changes: Values) -> Values:
    with call.resources.writing:
        job = call.get(name)
        if job["state"] == f"{_PREFIX}CANCELLED":
            changes = {key: value for key, value in changes.items() if key == "jobDetail"}
        if any(job.get(key) != value for key, value in changes.items()):
            job = call.resources.replace(call.api, name, job | changes | {"updateTime": stamping.now()})
        return job


def _contexts(call: Call, name: str) -> Values:
    """The contexts of the pipeline and of this run in the project's metadata store, where it has one."""
    place, _, job = name.rpartition("/pipelineJobs/")
    store, title = f"{place}/metadataStores/default", call.body["pipelineSpec"].get("pipelineInfo", {}).get("name", job)
    if call.resources.get(call.api, store) is None:
        return {}
    made: Values = {}
    kinds = {"pipelineContext": (title, "system.Pipeline"), "pipelineRunContext": (job, "system.PipelineRun")}
    for key, (short, schema) in kinds.items():
        parents = [made["pipelineContext"]["name"]] if made else []
        body = {"schemaTitle": schema, "schemaVersion": "0.0.1", "displayName": short, "parentContexts": parents}
        body |= {"name": f"{store}/contexts/{short}", "createTime": stamping.now(), "updateTime": stamping.now()}
        if call.resources.get(call.api, body["name"]) is None:
            call.resources.create(call.api, body["name"], body)
        made[key] = body
    return made


def _tasks(job: Values, states: Path) -> Values:
    """What the child has told so far, as the details of the job."""
    tasks: dict[str, Values] = {}
    whole, _, _ = (states.read_text() if states.exists() else "").rpartition("\n")  # the child may be writing the last
    for line in whole.splitlines():
        told = json.loads(line)
        moment = datetime.fromtimestamp(told["time"], UTC).isoformat().replace("+00:00", "Z")
        task = tasks.setdefault(
            told["task"], {"taskId": str(len(tasks) + 1), "taskName": told["task"], "startTime": moment}
        )
        task["state"] = told["state"]
        if told["state"] != "RUNNING":
            task["endTime"] = moment
        if "message" in told:
            task["error"] = {"code": 9, "message": told["message"]}
    return {"jobDetail": (job.get("jobDetail") or {}) | {"taskDetails": list(tasks.values())}} if tasks else {}


def _scheduled(work: Callable[[Call], Values]) -> Callable[[Call], Values]:
    """Who plans runs has to be allowed to let their account work; the sandbox has no clock that starts them."""

    def planned(call: Call) -> Values:
        with call.resources.writing:
            plan = generic.merged(call, call.get()) if call.method.leaf == "patch" else call.body
            job = (plan.get("createPipelineJobRequest") or {}).get("pipelineJob") or {}
            access.act_as(call, str(job.get("serviceAccount") or ""))
            return work(call)

    return planned


_PLACE = "aiplatform.projects.locations."
METHODS = {
    f"{_PLACE}pipelineJobs.create": _create,
    f"{_PLACE}schedules.create": _scheduled(generic.create),
    f"{_PLACE}schedules.patch": _scheduled(generic.change),
}
