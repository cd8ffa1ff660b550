"""Real Terraform against the providers of the sandbox, for tests."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sandbox.provider import serve
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

PROJECT = "acme-sandbox-1"
SETTINGS = {"project": PROJECT, "region": "europe-west3", "zone": "europe-west3-a"}


class Cloud:
    """A store with its providers; each `stack` is a folder that Terraform runs in.

    `lawless` for tests of the provider itself: their resources need no project, API or parent to exist.
    """

    def __init__(self, folder: Path, *, lawless: bool = True) -> None:
        self.folder = folder
        self.store = Store(folder / "cloud.db")
        self.serving = serve(self.store, SCHEMA, lawless=lawless)

    def stack(self, name: str = "stack") -> "Stack":
        return Stack(self, self.folder / name)

    def close(self) -> None:
        self.serving.stop()
        self.store.close()


class Stack:
    """A folder of Terraform configuration."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._environment = os.environ | {
            "TF_REATTACH_PROVIDERS": cloud.serving.reattach(folder),
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
        }

    def write(self, resource: dict[str, Any] | None = None, **sections: Any) -> "Stack":
        """Replace the configuration; `provider` may override the usual provider settings."""
        document = {"provider": {"google": SETTINGS}} | sections | ({"resource": resource} if resource else {})
        required = {name: {"source": f"hashicorp/{name}"} for name in document["provider"]}
        document["terraform"] = {"required_providers": required}
        (self.folder / "main.tf.json").write_text(json.dumps(document))
        return self

    def hcl(self, text: str) -> "Stack":
        (self.folder / "main.tf").write_text(text)
        return self

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        if not (self.folder / ".terraform").exists() or words[0] == "init":
            self._terraform("init", "-input=false")
        return self._terraform(*words)

    def _terraform(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [shutil.which("terraform") or "terraform", *words, "-no-color"]
        return subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )

    def apply(self) -> dict[str, Any]:
        """Apply, insist that it worked, and give the outputs."""
        done = self.run("apply", "-auto-approve", "-input=false")
        assert done.returncode == 0, done.stdout + done.stderr
        state = json.loads((self.folder / "terraform.tfstate").read_text())
        return {name: output["value"] for name, output in state["outputs"].items()}

    def refused(self, *words: str) -> str:
        """Run what must fail, and give what Terraform said, on one line."""
        done = self.run(*(words or ("apply", "-auto-approve", "-input=false")))
        assert done.returncode == 1, done.stdout
        return " ".join(done.stderr.replace("│", " ").split())

    def changes(self) -> dict[str, str]:
        """Address -> what the plan does to it; empty when nothing is to be done."""
        done = self.run("plan", "-input=false", "-json")
        assert done.returncode == 0, done.stdout + done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        planned = [line["change"] for line in lines if line["type"] == "planned_change"]
        return {change["resource"]["addr"]: change["action"] for change in planned if change["action"] != "move"}

    def destroy(self) -> None:
        done = self.run("destroy", "-auto-approve", "-input=false")
        assert done.returncode == 0, done.stdout + done.stderr
