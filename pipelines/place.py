"""Where a run happens: the run configuration of one team in one environment. Computed from settings, never typed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from settings.explaining import parse
from settings.values import Model

Digest = Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[\w./-]+@sha256:[0-9a-f]{64}$")]

MOUNT = "GCS_MOUNT"
"""Where buckets are mounted, if not at /gcs."""
FAILURES = "failures"
"""The folder of what stopped runs; whoever has started them reads there, and nothing of their data."""


class Table(Model):
    """Example rows that stand in for a table of the source, and the rows of it that the pipeline may see."""

    path: str
    filter: str | None = None


class Laptop(Model):
    """The stand-in for Google on this computer: a folder for what services keep, and files for the source's tables.

    With `services`, Vertex AI and BigQuery are those of the sandbox's API, and of the stand-ins only the buckets are
    left: folders of this computer, as Google mounts them in its jobs.
    """

    folder: str
    tables: dict[str, Table]
    python: str = Field(description="Plays the team's container.")
    services: bool = False


class Place(Model):
    """One team's operational project in one environment. All stages use `image`, by digest."""

    team: str
    environment: str
    project: str
    region: str
    source_project: str
    source_dataset: str
    dataset: str
    bucket: str
    definitions: str
    service_account: str
    network: str
    key: str
    image: Digest
    experiment: str
    tensorboard: str
    endpoint: str
    feature_store: str | None = None
    features: str = Field(description="The table behind the Feature Store.")
    labels: dict[str, str]
    composer: str
    contact: str
    laptop: Laptop | None = None

    @property
    def parent(self) -> str:
        """What Vertex AI's resources belong to."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def stands_in(self) -> bool:
        """Whether stand-ins play Google's services here."""
        return self.laptop is not None and not self.laptop.services

    @property
    def encryption(self) -> dict[str, str]:
        """The customer key, as every resource of Vertex AI wants it."""
        return {"kms_key_name": self.key}

    def uri(self, run: str, *parts: str) -> str:
        """Where a run keeps something."""
        return "/".join((f"gs://{self.bucket}/runs", run, *parts))

    def failure(self, run: str) -> str:
        """Where a run leaves what stopped it."""
        return f"gs://{self.bucket}/{FAILURES}/{run}.json"

    def file(self, uri: str) -> Path:
        """The file of a bucket address: below the stand-in's folder, or where Google mounts buckets in its jobs."""
        root = Path(self.laptop.folder) / "buckets" if self.laptop else Path(os.environ.get(MOUNT, "/gcs"))
        return root / uri.removeprefix("gs://")

    @classmethod
    def told(cls, text: str) -> Place:
        """The place that another process was given as JSON."""
        place: Place = parse(TypeAdapter(cls), json.loads(text), "place")
        return place
