"""Templates as archives in a folder: deterministic, named by their digest, each with a paper on where it comes from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from catalog_templates.archive import Archive, archive
from catalog_templates.template import FOLDER, find
from operations.catalog_changes import commit as checked_out
from operations.catalog_check import CHECKS, Checked, check, must_be_good
from operations.catalog_record import BUILT, Record
from operations.outcome import OperationFailed

PROVENANCE = ".provenance.json"


@dataclass(frozen=True)
class Package:
    """An archive and its provenance."""

    archive: Archive
    provenance: str

    @property
    def provenance_name(self) -> str:
        """File name of the provenance, beside that of the archive."""
        return self.archive.name.removesuffix(".zip") + PROVENANCE

    def recorded(self, record: Record) -> Package:
        """The same archive, whose provenance names the build that publishes it."""
        told = json.loads(self.provenance) | {BUILT: asdict(record)}
        return replace(self, provenance=_text(told))


def package(
    wanted: Sequence[str], *, settings: Path, schema: Path, folder: Path = FOLDER, commit: str = ""
) -> list[Package]:
    """The packages of checked templates of a folder; InvalidSettings where one may not be published."""
    checked = check(wanted, settings=settings, schema=schema, folder=folder)
    must_be_good(checked)
    source = commit or checked_out(folder)
    return [_package(archive(find(one.key, folder)), one, source) for one in checked]


def write_packages(packages: Sequence[Package], out: Path) -> list[Path]:
    """The packages as files of a folder."""
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in packages:
            (out / one.archive.name).write_bytes(one.archive.data)
            (out / one.provenance_name).write_text(one.provenance, encoding="utf-8")
            written.append(out / one.archive.name)
    except OSError as error:
        raise OperationFailed(str(out), f"cannot be written ({error.strerror})", "choose another --out") from None
    return written


def _package(made: Archive, checked: Checked, commit: str) -> Package:
    told = {
        "template": made.key,
        "version": made.manifest.version,
        "archive": made.name,
        "sha256": made.digest,
        "commit": commit,
        "checks": {
            "ran": list(CHECKS),
            "problems": len(checked.problems),
            "examples": checked.examples,
            "tests": checked.tests,
        },
    }
    return Package(made, _text(told))


def _text(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=2) + "\n"
