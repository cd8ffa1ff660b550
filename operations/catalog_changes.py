"""Whether a template that changed has a version of its own: asked of Git, where the folder is in a repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from catalog_templates.template import MANIFEST, Template
from operations.commits import git
from settings.problems import Problem

_VERSION = re.compile(r"^version: (\S+)", re.M)


def commit(folder: Path) -> str:
    """The commit that is checked out, marked where templates differ from it; empty outside of a repository."""
    head = git(folder, "rev-parse", "HEAD")
    changed = head and git(folder, "status", "--porcelain", "--", ".")
    return f"{head}+changes" if changed else head


def unbumped(template: Template, since: str) -> Iterator[Problem]:
    """A problem where content differs from that of a commit and the version does not; none where no commit is known."""
    if not since:
        return
    before = _VERSION.search(git(template.folder, "show", f"{since}:./{MANIFEST}"))
    if before is None or before[1] != template.manifest.version:
        return
    if git(template.folder, "diff", "--name-only", since, "--", ".") or git(
        template.folder, "ls-files", "--others", "--exclude-standard", "--", "."
    ):
        text = f"is still {before[1]}, and content has changed since {since[:12]}"
        yield Problem(f"{template.key}/{MANIFEST}.version", text, "raise it: nothing published is overwritten")
