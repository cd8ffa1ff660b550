"""What the page on the catalog tells people to type does what the page says."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from tests.catalog_templates.spoiling import spoiled
from tests.pages import FENCE
from tests.program import EXAMPLE, ROOT, blueprint

SAID = {
    "check": "bucket                   good",
    "package": "catalog.out/bucket-1.0.0-",
    "publish": "bucket 1.0.0",
    "register": "bucket",
    "versions": "offered",
    "diff": "+version: 1.1.0",
    "promote": "on offer until 9999-12-31",
    "withdraw": "bucket 1.0.0: withdrawn",
    "list": "bucket                   1.1.0",
    "show": "Quota:  10 for each team",
    "launch": "google_storage_bucket",
    "deployments": "bucket-images                        1.1.0    ACTIVE",
    "describe": "  made by      ",
    "update": "bucket-images: active",
    "cost": "churn: budget ",
    "delete": "bucket-images: deleted, nothing remains",
}


def commands() -> list[list[str]]:
    """What the page has people type, but for the server: how a template is made, then offered, then ordered."""
    people, engineers, operators = (body for _, body in FENCE.findall((ROOT / "docs/catalog.md").read_text()))
    lines = (engineers + operators + people).splitlines()
    words = [shlex.split(line, comments=True)[1:] for line in lines]
    return [one for one in words if one[1] != "serve"]


def test_the_commands_of_the_page_run_and_tell_what_they_did(deployed: Path, tmp_path: Path) -> None:
    shutil.copytree(deployed / ".sandbox", tmp_path / ".sandbox", ignore=shutil.ignore_patterns("work", "lock"))
    newer = spoiled(tmp_path, "bucket", "manifest.yaml", "version: 1.0.0", "version: 1.1.0").folder.parent
    told: dict[str, str] = {}
    for command in commands():
        kind, one = command[1], ["bucket"] if command[1] == "publish" else []
        if kind == "diff":
            done = blueprint("catalog", "publish", "bucket", "--offer", "--dir", str(newer), *EXAMPLE, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
        done = blueprint(*command, *one, *EXAMPLE, cwd=tmp_path)
        assert done.returncode == (5 if kind == "diff" else 0), f"{command}\n{done.stderr}"
        told[kind] = told.get(kind, "") + done.stdout
    assert told.keys() == SAID.keys()
    assert {kind: said for kind, said in told.items() if SAID[kind] not in said} == {}
