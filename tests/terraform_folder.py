"""A folder with a small stack, and the Terraforms it can be run with."""

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sandbox import launcher, process

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / ".sandbox" / "schema"  # shared, because it takes seconds to make and depends on nothing but packages
TERRAFORMS = ["library", *(["PATH"] if shutil.which("terraform") else [])]

BACKEND = 'terraform {\n  backend "gcs" {\n    bucket = "states"\n    prefix = "some/stack"\n  }\n}\n'
# `slow` is under way from the moment the file `begun` exists until somebody makes the file `go`.
STACK = """
variable "slow" {
  default = 0
}
resource "terraform_data" "quick" {
  input = "x"
}
resource "terraform_data" "slow" {
  count      = var.slow
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    command = "touch begun; until test -e go; do sleep 0.02; done"
  }
}
"""


@dataclass(frozen=True)
class TerraformFolder:
    path: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str) -> process.Completed:
        return launcher.run([*arguments, "-no-color"], cwd=self.path, env=self.environment)

    def done(self, *arguments: str) -> str:
        completed = self(*arguments)
        assert completed.returncode == 0, completed.stdout + completed.stderr
        return completed.stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        words = [*launcher.command(), *arguments, "-no-color"]
        return subprocess.Popen(
            words,
            cwd=self.path,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def go(self) -> None:
        (self.path / "go").touch()


def choose(terraform: str, monkeypatch) -> None:
    monkeypatch.setenv(launcher.CHOICE, "" if terraform == "PATH" else terraform)


def make_stack(path: Path, backend: str = BACKEND) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "main.tf").write_text(STACK)
    (path / "backend.tf").write_text(backend)
    return path


def wait_for(file: Path, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < end, f"{file} never came"
        time.sleep(0.01)


def python(code: str, *arguments: str, **options) -> subprocess.Popen[str]:
    """A Python process of its own that knows this repository."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    }
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        **options,
    )


def in_background(action) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread
