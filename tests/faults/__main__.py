"""`make soak SEEDS=5`: the whole estate under real Terraform with faults, by the commands that people run; a table."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox.faults import SEED, Faults
from sandbox.store import Store

ROOT = Path(__file__).parents[2]
MORE_RUNS = 3
BLUEPRINT = str(Path(sys.executable).with_name("blueprint"))
SETTINGS = ("--settings", str(ROOT / "settings"))


def main(seeds: int) -> int:
    """Run the seeds one after the other; 1 where one of them breaks a promise."""
    broken = 0
    print(f"{'seed':>4} {'faults':>7} {'runs':>5} {'killed':>7} {'resources':>10} {'left':>5} {'seconds':>8}")
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            broken += not one(seed, Path(folder))
    return 1 if broken else 0


def one(seed: int, folder: Path) -> bool:
    """Deploy with faults until it is complete, plan, destroy; True where all promises were kept."""
    begin, runs, killed = time.perf_counter(), 0, 0
    (folder / ".sandbox").mkdir()
    if (ROOT / ".sandbox/schema").exists():
        (folder / ".sandbox/schema").symlink_to(ROOT / ".sandbox/schema")
    while (code := blueprint(folder, seed, "deploy", *SETTINGS, "--auto-approve")) != 0:
        runs, killed = runs + 1, killed + (code < 0)
        if runs > MORE_RUNS:
            break
    complete = code == 0 and blueprint(folder, None, "plan", *SETTINGS) == 0
    made = living(folder)
    gone = any(blueprint(folder, seed, "destroy", *SETTINGS, "--auto-approve") == 0 for _ in range(MORE_RUNS + 1))
    left = living(folder)
    with Store(folder / ".sandbox/cloud.db") as store:
        struck = Faults.noted(store)
    print(
        f"{seed:4} {sum(struck.values()):7} {runs:5} {killed:7} {made:10} {left:5} {time.perf_counter() - begin:8.0f}",
        flush=True,
    )
    print("     " + ", ".join(f"{number} {kind}" for kind, number in struck.most_common()), flush=True)
    return complete and gone and left == 0


def blueprint(folder: Path, seed: int | None, *words: str) -> int:
    """The exit code of one command; negative where it was killed."""
    environment = os.environ | ({SEED: str(seed)} if seed is not None else {})
    done = subprocess.run([BLUEPRINT, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode > 0:
        print("\n".join(done.stderr.splitlines()[-6:]), file=sys.stderr)
    return done.returncode


def living(folder: Path) -> int:
    """How many resources exist."""
    with Store(folder / ".sandbox/cloud.db") as store:
        return store.count()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
