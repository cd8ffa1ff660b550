"""The scheduled look at live traffic as a job of Vertex AI Pipelines in the team's own project, as its own identity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.genai.vertex.place import Place, told

DAYS = 7
"""How far back a look goes: every day, over the answers of a week."""


@dataclass(frozen=True)
class WatchJob:
    """One look: which evaluation, whose log, with the assets of which archive, in which container."""

    place: Place
    evaluation: str
    environment: str
    traffic: str
    source: str
    image: str

    @property
    def words(self) -> list[str]:
        """What runs in the container; it prints findings as lines of JSON, which Cloud Logging keeps as such."""
        where = ["--environment", self.environment, "--models", "google", "--days", str(DAYS)]
        return ["blueprint", "eval", "watch", self.evaluation, "--traffic", self.traffic, *where]

    def request(self) -> dict[str, Any]:
        """The pipeline job: one step. What it found is no failure of the job; the alert is made of what it logged."""
        return {
            "display_name": f"watch-{self.evaluation}",
            "labels": {"job": "watch", "evaluation": self.evaluation},
            "pipeline_spec": self._compiled(),
            "runtime_config": {"gcs_output_directory": f"gs://{self.place.bucket}/watch"},
            **self.place.job,
        }

    def start(self) -> str:
        """Submit it; the name of the job. Raises ModelFailed."""
        with told("Vertex AI Pipelines"):
            jobs = self.place.service("PipelineServiceClient")
            return str(jobs.create_pipeline_job(parent=self.place.parent, pipeline_job=self.request()).name)

    def _compiled(self) -> dict[str, Any]:
        from tempfile import TemporaryDirectory

        import yaml
        from kfp import compiler, dsl

        from pipelines.genai.vertex.watch_component import watch

        step = dsl.component(watch, base_image=self.image, install_kfp_package=False)

        @dsl.pipeline(name=f"watch-{self.evaluation}")
        def job():  # type: ignore[no-untyped-def]
            step(words=self.words, source=self.source)

        with TemporaryDirectory() as folder:
            compiler.Compiler().compile(job, f"{folder}/job.yaml")
            found: dict[str, Any] = yaml.safe_load(Path(folder, "job.yaml").read_text(encoding="utf-8"))
        return found
