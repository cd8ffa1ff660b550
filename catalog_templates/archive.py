"""A template as one file: the same bytes for the same content, its digest in its name."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property

from catalog_templates.manifest import Manifest
from catalog_templates.metadata import metadata
from catalog_templates.template import Template

# The first moment that a zip can tell: an archive says nothing about when and where it was made.
MOMENT = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644 << 16


@dataclass(frozen=True)
class Archive:
    """A template's archive. `data` is the zip, with the root module at its top."""

    key: str
    manifest: Manifest
    data: bytes

    @cached_property
    def digest(self) -> str:
        """What the archive is: the SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def name(self) -> str:
        """File name; whoever knows it knows what the file has to hold."""
        return f"{self.key}-{self.manifest.version}-{self.digest[:12]}.zip"


def archive(template: Template) -> Archive:
    """The archive of a template, with the files by which Google's tools know it."""
    content = {str(path.relative_to(template.folder)): path.read_bytes() for path in template.packed()}
    content |= {name: text.encode() for name, text in metadata(template).items()}
    return Archive(template.key, template.manifest, _zip(content))


def content(data: bytes) -> dict[str, bytes]:
    """Name and bytes of every file of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {name: found.read(name) for name in sorted(found.namelist())}


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.external_attr, entry.create_system = MODE, 3
            # Stored, not compressed: compressors of different versions give different bytes.
            made.writestr(entry, files[name], zipfile.ZIP_STORED)
    return out.getvalue()
