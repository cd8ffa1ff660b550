"""AutoSxS: Vertex AI's own pipeline that compares stored answers of two versions, asked in both orders.

Template, parameters and the task that gives the judgements are those of Google's page on side-by-side evaluation
(https://cloud.google.com/vertex-ai/generative-ai/docs/models/side-by-side-eval, read 2026-11).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from pipelines.genai.judging import Duel, Preference
from pipelines.genai.vertex.place import Place, told
from pipelines.genai.writer import ModelFailed

TEMPLATE = "https://us-kfp.pkg.dev/ml-pipeline/google-cloud-registry/autosxs-template/default"
TASK, JUDGING, ARTIFACT = "question_answering", "online-evaluation-pairwise", "judgments"
CHOICES = {"A": "first", "B": "second", "SAME": "tie"}
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
LONGEST = 3 * 3600.0


@dataclass(frozen=True)
class Pair:
    """A question with its reference and two answers."""

    id: str
    question: str
    reference: str
    first: str
    second: str

    def turned(self) -> Pair:
        """The same with the answers in the other order."""
        return Pair(self.id, self.question, self.reference, self.second, self.first)


@dataclass(frozen=True)
class AutoSxS:
    """AutoSxS of a project."""

    place: Place

    def duels(self, pairs: Sequence[Pair]) -> dict[str, Duel]:
        """Every pair in both orders, by two pipeline jobs at a time. Raises ModelFailed."""
        jobs = [self._started(list(pairs)), self._started([pair.turned() for pair in pairs])]
        forward, backward = (self._judgements(job) for job in jobs)
        return {id_: Duel(forward[id_], backward[id_]) for id_ in forward.keys() & backward.keys()}

    def _started(self, pairs: Sequence[Pair]) -> str:
        folder = f"autosxs/{uuid4().hex[:12]}"
        rows = "".join(json.dumps(vars(pair), ensure_ascii=False) + "\n" for pair in pairs)
        with told("AutoSxS"):
            self._bucket.blob(f"{folder}/pairs.jsonl").upload_from_string(rows, content_type="application/jsonl")
            job = self.place.service("PipelineServiceClient").create_pipeline_job(
                parent=self.place.parent, pipeline_job=self.request(f"gs://{self.place.bucket}/{folder}")
            )
        return str(job.name)

    def request(self, folder: str) -> dict[str, Any]:
        """The pipeline job over a folder that holds `pairs.jsonl`."""
        context = "Question: {{ question }}\nAnswer of an expert: {{ reference }}"
        parameters = {
            "evaluation_dataset": f"{folder}/pairs.jsonl",
            "id_columns": ["id"],
            "task": TASK,
            "autorater_prompt_parameters": {
                "inference_instruction": {"column": "question"},
                "inference_context": {"template": context},
            },
            "response_column_a": "first",
            "response_column_b": "second",
            "judgments_format": "jsonl",
        }
        return {
            "display_name": "autosxs",
            "template_uri": TEMPLATE,
            "labels": {"job": "autosxs"},
            **self.place.job,
            "runtime_config": {"gcs_output_directory": folder, "parameter_values": parameters},
        }

    def _judgements(self, name: str) -> dict[str, Preference]:
        jobs, end, pause = self.place.service("PipelineServiceClient"), monotonic() + LONGEST, 0.1
        while True:
            with told("AutoSxS"):
                job = jobs.get_pipeline_job(name=name)
            if job.state.name.endswith(ENDED):
                break
            if monotonic() > end:
                raise ModelFailed(f"{name}: is {job.state.name} after {LONGEST / 3600:.0f} hours")
            sleep(pause)
            pause = min(2 * pause, 30)
        if not job.state.name.endswith("SUCCEEDED"):
            raise ModelFailed(f"{name}: {job.state.name}: {job.error.message}")
        return judgements(self._read(_artifact(job)))

    def _read(self, uri: str) -> str:
        with told("AutoSxS"):
            return str(self._bucket.blob(uri.removeprefix(f"gs://{self.place.bucket}/")).download_as_text())

    @property
    def _bucket(self) -> Any:
        from google.cloud import storage

        return storage.Client(project=self.place.project).bucket(self.place.bucket)


def judgements(text: str) -> dict[str, Preference]:
    """The judgements of a job by the id of their pair; what cannot be read is left out and never a score."""
    found: dict[str, Preference] = {}
    for line in text.splitlines():
        row: Mapping[str, Any] = json.loads(line)
        choice = CHOICES.get(str(row.get("choice", "")).upper())
        if choice and row.get("id"):
            reason = str(row.get("explanation") or "no explanation was given")
            found[str(row["id"])] = Preference(better=choice, reason=reason)
    return found


def _artifact(job: Any) -> str:
    for task in job.job_detail.task_details:
        if task.task_name == JUDGING and ARTIFACT in task.outputs:
            return str(task.outputs[ARTIFACT].artifacts[0].uri)
    raise ModelFailed(f"{job.name}: has no task '{JUDGING}' with '{ARTIFACT}'")
