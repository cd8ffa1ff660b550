"""Approved source data on its way into a bucket or dataset of the catalog, copied by the person to whom it was lent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operations.google_words import told
from operations.serving import clients
from settings.data_sources import BigQuerySource, StorageSource
from settings.loading import names_of, read
from settings.model import Installation
from settings.problems import InvalidSettings, Problem, suggestion

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


@dataclass(frozen=True)
class Copy:
    """A source and where it goes: `into` is a bucket for files, and a dataset as PROJECT.DATASET for tables."""

    source: str
    into: str
    person: str


def copy(settings: Path, root: Path, target: str, wanted: Copy) -> list[str]:
    """Copy what the person may read of a source, a line for each object or table. OperationFailed where refused."""
    it = read(settings)
    if wanted.source not in it.sources:
        way_out = suggestion(wanted.source, it.sources, f"sources are {', '.join(it.sources)}")
        raise InvalidSettings([Problem(f"source '{wanted.source}'", "does not exist", way_out)])
    source, who = it.sources[wanted.source], _who(target, wanted.person)
    ask = f"ask for it: blueprint data request {wanted.source}"
    with clients(target, root), told(wanted.source, "see that bucket or dataset exist", refused=ask):
        if isinstance(source, StorageSource):
            return list(_files(it, wanted, who))
        if isinstance(source, BigQuerySource):
            return list(_tables(it, wanted, list(source.tables), who))
    raise InvalidSettings([Problem(f"source '{wanted.source}'", f"is a {source.kind}", "read it with its own client")])


def _files(it: Installation, wanted: Copy, who: Credentials | None) -> Iterator[str]:
    from google.cloud.storage import Client

    names = names_of(it)
    client: Any = Client(project=names.project("data", wanted.source), credentials=who)
    goal = client.bucket(wanted.into.removeprefix("gs://"))
    for blob in client.list_blobs(names.bucket("data", wanted.source, "files")):
        goal.blob(blob.name).rewrite(blob)
        yield f"gs://{goal.name}/{blob.name}"


def _tables(it: Installation, wanted: Copy, tables: list[str], who: Credentials | None) -> Iterator[str]:
    from google.cloud.bigquery import Client, QueryJobConfig

    names = names_of(it)
    project, _, dataset = wanted.into.partition(".")
    client: Any = Client(project=project, credentials=who, location=it.organization.region)
    for table in tables:
        goal = f"{project}.{dataset}.{wanted.source}_{table}"
        config = QueryJobConfig(destination=goal, write_disposition="WRITE_TRUNCATE")
        of = f"`{names.project('data', wanted.source)}.{names.dataset(wanted.source)}.{table}`"
        rows = client.query(f"SELECT * FROM {of}", job_config=config).result()
        yield f"{goal}: {rows.total_rows} rows"


def _who(target: str, person: str) -> Credentials | None:
    from operations.builds.runner import credentials

    return credentials(person) if target == "sandbox" and person else None
