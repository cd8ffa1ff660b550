"""Plans that were reviewed in one place and are applied in another: kept in a bucket, exactly as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from operations.google_words import told
from operations.graph import StackPlan
from operations.outcome import Exit, OperationFailed
from operations.target import Target
from operations.workspace import PLAN, REVIEWED

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

_PLACE = re.compile(r"gs://([a-z0-9][a-z0-9._-]+)/([^ ]+?)/?")
_FILES = (PLAN, REVIEWED)


def save(target: Target, stacks: Iterable[StackPlan], place: str) -> int:
    """Keep the saved plan of each stack that has one below `gs://BUCKET/PREFIX`; how many there were.

    A plan that is kept already is never replaced, and not passed over in silence either: it could be anybody's.
    """
    with _bucket(place) as (bucket, prefix):
        kept = 0
        for stack in stacks:
            folder = target.home / "work" / stack.name
            if all((folder / name).exists() for name in _FILES):
                for name in _FILES:
                    _add(bucket, f"{prefix}/{stack.name}/{name}", folder / name)
                kept += 1
        return kept


def _add(bucket: Bucket, name: str, file: Path) -> None:
    from google.api_core.exceptions import PreconditionFailed

    try:
        bucket.blob(name).upload_from_filename(file, if_generation_match=0)
    except PreconditionFailed:
        text, way_out = "is kept already, and is not this plan", "reject what waits for it, and merge another commit"
        raise OperationFailed(f"gs://{bucket.name}/{name}", text, way_out, code=Exit.REFUSED) from None


def fetch(target: Target, stacks: Iterable[StackPlan], place: str) -> list[str]:
    """Bring kept plans back to where deploy looks for them; the names of the stacks that have one."""
    with _bucket(place) as (bucket, prefix):
        found = []
        for stack in stacks:
            folder = target.home / "work" / stack.name
            blobs = [bucket.get_blob(f"{prefix}/{stack.name}/{name}") for name in _FILES]
            for name, blob in zip(_FILES, blobs, strict=True):
                (folder / name).unlink(missing_ok=True)
                if blob is not None:
                    folder.mkdir(parents=True, exist_ok=True)
                    part = folder / f"{name}.part"
                    blob.download_to_filename(part)
                    part.replace(folder / name)
            if all(blobs):
                found.append(stack.name)
        if not found:
            raise OperationFailed(place, "holds no saved plan", "save one with 'blueprint plan --save'")
        return found


def write_report(place: str, apart: Mapping[str, Sequence[str]]) -> None:
    """Write what plans would change where people look for it, as `gs://BUCKET/NAME`."""
    lines = [line for stack, told in apart.items() for line in (f"## {stack}", "", *(f"- {one}" for one in told), "")]
    with _bucket(place) as (bucket, name):
        bucket.blob(name).upload_from_string("\n".join(["# Changes that nobody deployed", "", *lines]), "text/markdown")


@contextmanager
def _bucket(place: str) -> Iterator[tuple[Bucket, str]]:
    from google.cloud.storage import Client

    parts = _PLACE.fullmatch(place)
    if not parts:
        raise OperationFailed(place, "is no place for plans", "write it as gs://BUCKET/PREFIX", code=Exit.BAD_INPUT)
    with told(place, "check the name of the bucket"):
        yield Client(project="unused").bucket(parts[1]), parts[2]
