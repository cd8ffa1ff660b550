"""Whether a template that changed has a version of its own: asked of Git, where the folder is in a repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from catalog_templates.template import MANIFEST, Template
from settings.problems import Problem

LAST_COMMIT = "HEAD"
_VERSION = re.compile(r"^version: (\S+)", re.M)


def commit(folder: Path) -> str:
    """The commit that is checked out, marked where templates differ from it; empty outside of a repository."""
    head = _git(folder, "rev-parse", "HEAD")
    changed = head and _git(folder, "status", "--porcelain", "--", ".")
    return f"{head}+changes" if changed else head


def unbumped(template: Template, since: str) -> Iterator[Problem]:
    """A problem where content differs from that of a commit and the version does not."""
    before = _VERSION.search(_git(template.folder, "show", f"{since}:./{MANIFEST}"))
    if before is None or before[1] != template.manifest.version:
        return
    if _git(template.folder, "diff", "--name-only", since, "--", ".") or _git(
        template.folder, "ls-files", "--others", "--exclude-standard", "--", "."
    ):
        text = f"is still {before[1]}, and content has changed since {since}"
        yield Problem(f"{template.key}/{MANIFEST}.version", text, "raise it: nothing published is overwritten")


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
