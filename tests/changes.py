"""People who bring changes through the pipelines, and what a test asks of the builds that they start."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.store import Store
from tests.program import EXAMPLE, blueprint

MILA, OTTO, ADA, BERT, DORA = (f"{name}@example.com" for name in ("mila", "otto", "ada", "bert", "dora"))


def objects(home: Path, bucket: str, prefix: str) -> list[bytes]:
    """What a bucket of the sandbox holds, oldest first."""
    with Store(home / ".sandbox/cloud.db") as store:
        return [store.objects.get(bucket, one.name).data for one in store.objects.find(bucket, prefix)]  # type: ignore[union-attr]


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


def approval(home: Path, pipeline: str, person: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Say yes to the build that waits."""
    return blueprint("build", "approve", pipeline, "--as", person, *more, *EXAMPLE, cwd=home)
