"""`make test-provider`: every stack and template before Google's real provider, and whether the sandbox says the same.

The real provider comes from Terraform's registry. Where that cannot be reached nothing was compared, which is no
success: exit code 3. Nothing is asked of Google: a plan that would have to ask counts as not comparable, and is named.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from operations.synth import synth
from sandbox import launcher
from sandbox.process import Completed
from sandbox.session import Cloud, running

ROOT = Path(__file__).parents[2]
DONE, DIFFERENT, INCONCLUSIVE = 0, 1, 3
UNREACHABLE = ("Failed to query available provider packages", "could not connect", "Failed to install provider")
ASKS_GOOGLE = ("googleapis.com", "oauth2", "could not find default credentials", "Invalid Credentials")
LOCAL = {"terraform": {"backend": {"local": {}}}}
PINNED = {"google": "6.50.0", "google-beta": "6.50.0"}


@dataclass(frozen=True)
class Verdict:
    """What somebody says about one folder at one step: yes, no, or that it cannot be told without Google."""

    step: str
    says: str
    words: str = ""


def main() -> int:
    """Compare everything; the exit code says whether all is the same, something differs, or nothing was compared."""
    with tempfile.TemporaryDirectory() as work:
        problem = unreachable(Path(work) / "probe")
        if problem:
            print(f"not compared: the provider cannot be installed here ({problem}); run it where terraform init works")
            return INCONCLUSIVE
        with running(Path(work) / "sandbox", schema=ROOT / ".sandbox/schema", lawless=True) as cloud:
            return max([compare(folder, cloud) for folder in folders(Path(work))], default=INCONCLUSIVE)


def unreachable(folder: Path) -> str:
    """Why the real provider cannot be had here; empty where it can."""
    folder.mkdir(parents=True)
    wanted = {name: {"source": f"hashicorp/{name}", "version": version} for name, version in PINNED.items()}
    (folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": wanted}}))
    done = real(folder, "init", "-no-color", "-input=false")
    if done.returncode == 0:
        return ""
    said = " ".join(f"{done.stdout} {done.stderr}".split())
    return next((f"{words.lower()}" for words in UNREACHABLE if words in said), said[:200] or "terraform init failed")


def folders(work: Path) -> Iterator[Path]:
    """A copy of every stack and of every template, each with its state beside it."""
    synth(ROOT / "settings", work / "out")
    for stack in sorted((work / "out/stacks").iterdir()):
        yield copied(stack, work / "compared" / stack.name)
    for manifest in sorted((ROOT / "catalog_templates").glob("*/manifest.yaml")):
        yield copied(manifest.parent, work / "compared" / f"template-{manifest.parent.name}")


def copied(source: Path, target: Path) -> Path:
    """The folder, with a state of its own instead of the bucket's."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("tests", "examples", ".terraform"))
    (target / "backend_override.tf.json").write_text(json.dumps(LOCAL))
    return target


def compare(folder: Path, cloud: Cloud) -> int:
    """One line for each step; DIFFERENT where the two verdicts are a yes and a no."""
    theirs = verdicts(folder, lambda *words: real(folder, *words))
    shutil.rmtree(folder / ".terraform", ignore_errors=True)
    (folder / ".terraform.lock.hcl").unlink(missing_ok=True)
    ours = verdicts(folder, lambda *words: cloud.terraform(words, cwd=folder))
    code = DONE
    for their, our in zip(theirs, ours, strict=True):
        same = their.says == our.says or "cannot tell" in (their.says, our.says)
        told = f"{folder.name:32} {their.step:9} real: {their.says:12} sandbox: {our.says:12}"
        print(told if same else f"{told} DIFFERENT")
        if not same:
            print(f"    {(their.words or our.words)[:300]}")
            code = DIFFERENT
    return code


def verdicts(folder: Path, terraform: object) -> list[Verdict]:
    """What one Terraform says to init, validate and plan."""
    assert callable(terraform)
    found = []
    for step, words in (
        ("init", ("init", "-no-color", "-input=false")),
        ("validate", ("validate", "-no-color")),
        ("plan", ("plan", "-no-color", "-input=false", "-lock=false", "-refresh=false")),
    ):
        done: Completed = terraform(*words)
        said = " ".join(f"{done.stdout} {done.stderr}".split())
        open_ = any(sign in said for sign in (*ASKS_GOOGLE, "No value for required variable"))
        says = "yes" if done.returncode == 0 else "cannot tell" if step == "plan" and open_ else "no"
        found.append(Verdict(step, says, "" if says == "yes" else said))
    return found


def real(folder: Path, *words: str) -> Completed:
    """Terraform without the sandbox: the registry's provider, no credentials of anybody."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "GOOGLE_", "CLOUDSDK_"))}
    return launcher.run(words, cwd=folder, env=own | {"CHECKPOINT_DISABLE": "1", "GOOGLE_OAUTH_ACCESS_TOKEN": "none"})


if __name__ == "__main__":
    sys.exit(main())
