"""A whole change through the pipelines, as docs/whole-change.sh types it, and what stops one at which step."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from tests.program import EXAMPLE, ROOT, blueprint

SCRIPT = ROOT / "docs" / "whole-change.sh"
MILA, OTTO, ADA, DORA = (f"{name}@example.com" for name in ("mila", "otto", "ada", "dora"))


@pytest.fixture(scope="module")
def changed(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of the deployed estate through which the change went, and what was said on the way."""
    home = tmp_path_factory.mktemp("change")
    shutil.copytree(deployed / ".sandbox", home / ".sandbox")
    done = subprocess.run(["sh", str(SCRIPT)], cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return home / ".sandbox/change", done.stdout + done.stderr


def objects(home: Path, bucket: str, prefix: str) -> list[bytes]:
    """What a bucket of the sandbox holds, oldest first."""
    with Store(home / ".sandbox/cloud.db") as store:
        return [store.get_object(bucket, one.name).data for one in store.list_objects(bucket, prefix)]  # type: ignore[union-attr]


@pytest.mark.proves(
    "D2", "D11", "P3c", "P4a", "I9b", "O2", "O3a", "O4", "D5", defect="who wrote it, or may not, approves it"
)
def test_one_change_reaches_production_by_its_pipelines_and_nobody_approves_their_own(
    changed: tuple[Path, str], installation: Installation
) -> None:
    home, said = changed
    names = names_of(installation)
    (approved,) = (json.loads(one) for one in objects(home, names.approved_bucket(), "churn/"))
    assert approved["approved_by"] == DORA
    versions = {
        environment: [
            json.loads(one)
            for one in objects(home, names.bucket(environment, "churn", "definitions"), "versions/")
            if one.startswith(b"{") and b'"files"' in one
        ]
        for environment in ("nonproduction", "production")
    }
    assert versions["nonproduction"] == versions["production"]
    assert {one["image"] for one in versions["production"]} == {approved["image"]}
    listed = blueprint("catalog", "versions", *EXAMPLE, cwd=home).stdout.split()
    assert listed[:3] == ["bucket", "1.1.0", "offered"]
    told = blueprint("artifact", "verify", approved["image"], *EXAMPLE, cwd=home).stdout
    assert (f"written   by {ADA}" in told, f"approved  by {DORA}" in told) == (True, True), told
    assert said.count("Permission 'cloudbuild.builds.list' denied") == 3


@dataclass(frozen=True)
class Author:
    """A person with a repository of their own on this computer, who changes files and asks for the merge."""

    home: Path
    key: str
    folder: Path
    email: str
    reviewer: str

    def proposes(
        self, branch: str, file: str, old: str, new: str, message: str = "A change"
    ) -> subprocess.CompletedProcess[str]:
        """Open a pull request with one change of one file."""
        self.git("fetch", "--quiet", str(self.home / ".sandbox/git" / f"ml-{self.key}.git"), "main")
        self.git("switch", "--quiet", "--create", branch, "FETCH_HEAD")
        text = (self.folder / file).read_text()
        assert old in text
        (self.folder / file).write_text(text.replace(old, new))
        self.git("-c", f"user.name={self.email}", "-c", f"user.email={self.email}", "commit", "--quiet", "-am", message)
        command = ("pull", "open", self.key, "--from", str(self.folder), "--branch", branch, "--as", self.email)
        return blueprint(*command, *EXAMPLE, cwd=self.home)

    def merges(self, number: int) -> str:
        """Have it approved and merge it; what the builds said."""
        for words in (
            ("approve", self.key, str(number), "--as", self.reviewer),
            ("merge", self.key, str(number), "--as", self.email),
        ):
            done = blueprint("pull", *words, *EXAMPLE, cwd=self.home)
        assert done.returncode in (0, 5), done.stdout + done.stderr
        return done.stdout

    def git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.folder, check=True, capture_output=True)


def author(home: Path, folder: Path, key: str, email: str, reviewer: str) -> Author:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return Author(home, key, folder, email, reviewer)


def stopped(done: subprocess.CompletedProcess[str], step: str, reason: str) -> bool:
    """Whether the last build failed at this step and gave the reason."""
    failed = [line.split()[0] for line in done.stdout.splitlines() if line.endswith(" FAILURE")]
    return done.returncode == 1 and failed == [step] and reason in done.stdout


def approval(home: Path, pipeline: str, person: str) -> subprocess.CompletedProcess[str]:
    return blueprint("build", "approve", pipeline, "--as", person, *EXAMPLE, cwd=home)


def requested(home: Path, digest: str) -> subprocess.CompletedProcess[str]:
    """Ada asks for an image in production, and Dora says yes."""
    told = ("--set", "image=churn", "--set", f"digest={digest}")
    asked = blueprint("build", "run", "container", "--event", "message", "--as", ADA, *told, *EXAMPLE, cwd=home)
    assert asked.returncode == 5, asked.stdout + asked.stderr
    return approval(home, "container", DORA)


def finding(home: Path, project: str, image: str, severity: str) -> None:
    """What a scanner would add, straight into the sandbox."""
    issue = {"affectedPackage": "openssl", "effectiveSeverity": severity}
    body = {
        "resourceUri": f"https://{image}",
        "kind": "VULNERABILITY",
        "noteName": "projects/goog-analysis/notes/CVE-1",
    }
    name = f"projects/{project}/occurrences/planted"
    with Store(home / ".sandbox/cloud.db") as store:
        kind = "containeranalysis:projects/occurrences"
        store.documents.put(kind, name, body | {"name": name, "vulnerability": {"packageIssue": [issue]}})


@pytest.mark.proves("P3a", defect="a tag, a finding, an approver who wrote it, an image without a seal")
def test_an_image_is_stopped_at_the_step_that_finds_what_is_wrong_with_it(
    changed: tuple[Path, str], installation: Installation, tmp_path: Path
) -> None:
    home, names = changed[0], names_of(installation)
    ada = author(home, tmp_path / "containers", "containers", ADA, DORA)
    together = f"Faster\n\nCo-authored-by: Dora <{DORA}>"
    done = ada.proposes("together", "pipelines/images/bases.yaml", "# The images", "# All images", together)
    assert done.returncode == 0, done.stdout + done.stderr
    address = next(word for word in ada.merges(2).split() if "@sha256:" in word)
    assert stopped(requested(home, "latest"), "scan", "is no digest")
    finding(home, names.project("common", "artifacts"), address, "HIGH")
    assert stopped(requested(home, address.partition("@")[2]), "scan", "CVE-1 in openssl is HIGH")
    finding(home, names.project("common", "artifacts"), address, "LOW")
    assert stopped(requested(home, address.partition("@")[2]), "seal", f"was approved by {DORA}, who wrote the change")
    publish = ("pipeline", "publish", "--team", "churn", "--image", address, *EXAMPLE)
    unsigned = blueprint(*publish, cwd=home)
    assert (unsigned.returncode, "carries no seal" in unsigned.stderr) == (4, True), unsigned.stderr
    assert len(objects(home, names.approved_bucket(), "churn/")) == 1


@pytest.mark.proves("P2c", defect="a template without its key, and other bytes than those that were checked")
def test_a_template_is_stopped_at_the_step_that_finds_what_is_wrong_with_it(
    changed: tuple[Path, str], installation: Installation, tmp_path: Path
) -> None:
    home, names = changed[0], names_of(installation)
    mila = author(home, tmp_path / "templates", "templates", MILA, OTTO)
    file = "catalog_templates/bucket/manifest.yaml"
    assert stopped(mila.proposes("bad", file, "quota: 10", "quota: none"), "check", "quota")
    done = mila.proposes("next", file, "version: 1.1.0", "version: 1.2.0")
    assert done.returncode == 0, done.stdout + done.stderr
    candidate = next(word for word in done.stdout.split() if word.startswith("candidates/3/bucket-1.2.0"))
    with Store(home / ".sandbox/cloud.db") as store:
        store.put_object(names.template_bucket(), candidate, b"other bytes")
    mila.merges(3)
    assert stopped(approval(home, "interactive", OTTO), "publish", "was no candidate with these bytes")
    assert "1.2.0" not in blueprint("catalog", "versions", *EXAMPLE, cwd=home).stdout
