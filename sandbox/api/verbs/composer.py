"""Cloud Composer: commands of an environment's Airflow. A registered runner really runs the DAGs of its bucket."""

import json
import secrets
from pathlib import Path
from typing import Any

from sandbox import redirect
from sandbox.api import stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, unknown_to_sandbox
from sandbox.store import Store

Values = dict[str, Any]

_COMMANDS, _RUNS, _DAGS = "airflow_commands", "airflow_runs", "dags/"
_NO_RUNNER = "SANDBOX: nothing that runs DAGs is registered here"


def _execute(call: Call) -> Values:
    call.get()
    words = (call.body.get("command"), call.body.get("subcommand"))
    if words not in _SERVED:
        raise unknown_to_sandbox(f"airflow {words[0]} {words[1]}", "use 'dags trigger' or 'dags list-runs'")
    name, options = _parsed(call.body.get("parameters") or [])
    code, told = _SERVED[words](call, name, options)
    execution = secrets.token_hex(8)
    call.store.documents.put(_COMMANDS, f"{call.name}/{execution}", {"code": code, "lines": told.splitlines()})
    return {"executionId": execution, "pod": "airflow", "podNamespace": "composer"}


def _poll(call: Call) -> Values:
    found = call.store.documents.get(_COMMANDS, f"{call.name}/{call.body.get('executionId', '')}")
    if found is None:
        raise ApiError(404, "The execution was not found.")
    start = max(1, int(call.body.get("nextLineNumber") or 1))
    lines = [{"lineNumber": n, "content": text} for n, text in enumerate(found["lines"], 1) if n >= start]
    return {"output": lines, "outputEnd": True, "exitInfo": {"exitCode": found["code"]}}


def _trigger(call: Call, dag: str, options: Values) -> tuple[int, str]:
    run = options.get("run-id") or f"manual__{stamping.now()}"
    key, files = f"{call.name}/{dag}/{run}", _files(call)
    if not any(f'"{dag}"'.encode() in data for data in files.values()):
        return 1, f"airflow.exceptions.DagNotFound: Dag id {dag} not found in DagModel"
    if call.store.documents.get(_RUNS, key):
        return 1, f"airflow.exceptions.DagRunAlreadyExists: A Dag Run already exists for dag id {dag} at run id {run}"
    begun = {"dag_id": dag, "run_id": run, "state": "running", "start_date": stamping.now()}
    call.store.documents.put(_RUNS, key, begun)
    call.facade.operations.start(call.name, "", lambda: _run(call, key, begun, files, options.get("conf", "{}")))
    return 0, json.dumps([begun])


def _run(call: Call, key: str, begun: Values, files: dict[str, bytes], conf: str) -> Values:
    folder = call.store.path.parent.absolute() / "airflow" / key.replace("/", "-")
    for name, data in files.items():
        path = folder / "dags" / Path(name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    end: Values = {"state": "failed", "note": _NO_RUNNER}
    try:
        if runner := call.facade.runners.get("airflow"):
            told = {"folder": str(folder), "conf": json.loads(conf), "environment": _environment(call)}
            end = {"state": "success"} | runner(begun | told)
    except Exception as problem:
        end = {"state": "failed", "note": f"SANDBOX: {problem}"}
    call.store.documents.put(_RUNS, key, begun | end | {"end_date": stamping.now()})
    return {}


def _environment(call: Call) -> dict[str, str]:
    """What tasks find around them: the sandbox, as the account of the environment's nodes."""
    node = (call.get().get("config") or {}).get("nodeConfig") or {}
    account = node.get("serviceAccount")
    return redirect.environment(call.facade.endpoint, f"serviceAccount:{account}" if account else call.principal, {})


def _runs(call: Call, dag: str, options: Values) -> tuple[int, str]:
    prefix = f"{call.name}/{dag or options.get('dag-id', '')}/"
    return 0, json.dumps([run for key, run in call.store.documents.find(_RUNS) if key.startswith(prefix)])


def _files(call: Call) -> dict[str, bytes]:
    """What lies in the folder of DAGs of the environment's bucket."""
    bucket = str((call.get().get("storageConfig") or {}).get("bucket", "")).removeprefix("gs://").partition("/")[0]
    store: Store = call.store
    found = [store.objects.get(bucket, one.name) for one in store.objects.find(bucket, _DAGS)]
    return {one.name: one.data for one in found if one is not None}


def _parsed(words: list[str]) -> tuple[str, Values]:
    """The one word without a dash, and options with their values."""
    options: Values = {}
    left, names = list(words), []
    while left:
        word = left.pop(0)
        if word.startswith("--") and left:
            options[word.removeprefix("--")] = left.pop(0)
        else:
            names.append(word)
    return names[0] if names else "", options


_SERVED = {("dags", "trigger"): _trigger, ("dags", "list-runs"): _runs}
_PLACE = "composer.projects.locations.environments."
METHODS = {f"{_PLACE}executeAirflowCommand": _execute, f"{_PLACE}pollAirflowCommand": _poll}
