"""STUB: plays AutoSxS for the sandbox. Which answer is better is decided by shared words; each explanation says so."""

from __future__ import annotations

import json
from typing import Any

from pipelines.genai.stub import LABEL, recall
from pipelines.genai.vertex.autosxs import ARTIFACT, JUDGING
from sandbox.api.errors import ApiError
from sandbox.store import Store

Values = dict[str, Any]


def play(store: Store, job: Values) -> Values:
    """Judge every row of the job's data set; the judgements lie where the job's output is to be."""
    if "/autosxs-template/" not in str(job.get("templateUri")):
        raise ApiError(501, f"no stand-in plays the template {job.get('templateUri')}")
    given = job["runtimeConfig"]["parameterValues"]
    bucket, _, name = str(given["evaluation_dataset"]).removeprefix("gs://").partition("/")
    found = store.objects.get(bucket, name)
    if found is None:
        raise ApiError(404, f"gs://{bucket}/{name} does not exist")
    rows = [json.loads(line) for line in found.data.decode().splitlines()]
    judged = "".join(json.dumps(_judged(row, given)) + "\n" for row in rows)
    place = f"{name.rpartition('/')[0]}/{ARTIFACT}.jsonl"
    store.objects.put(bucket, place, judged.encode())
    artifact = {"name": ARTIFACT, "uri": f"gs://{bucket}/{place}"}
    task = {"taskId": "1", "taskName": JUDGING, "state": "SUCCEEDED", "outputs": {ARTIFACT: {"artifacts": [artifact]}}}
    return {"jobDetail": {"taskDetails": [task]}}


def _judged(row: Values, given: Values) -> Values:
    first, second = (recall(row["reference"], row[given[f"response_column_{side}"]]) for side in "ab")
    choice = "SAME" if abs(first - second) < 0.05 else "A" if first > second else "B"
    told = f"{LABEL}: {first:.0%} against {second:.0%} of what the reference says"
    return {**{key: row[key] for key in given["id_columns"]}, "choice": choice, "explanation": told}
