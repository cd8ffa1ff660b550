"""A rename ships as a move: Terraform renames in the state and destroys nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sandbox.session import running
from tests.terraform_folder import SCHEMA

APP = """
import sys
from cdktf import App
from pathlib import Path
from stacks import stack
from settings.loading import names_of, read
from cdktf_cdktf_provider_google.storage_bucket import StorageBucket

name, moves, settings, out = sys.argv[1:]
stack.renames = lambda: {"keys": {"google_storage_bucket.old": "google_storage_bucket.new"}} if moves == "yes" else {}
it = read(Path(settings))
app = App(outdir=out)
made = stack.Stack(app, "keys", organization=it.organization, names=names_of(it), environment="common", concern=None)
StorageBucket(made, name, name="acme-some-bucket", location="EU")
app.synth()
"""


def synthesized(name: str, moves: str, out: Path) -> str:
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", APP, name, moves, str(root / "settings"), str(out)], check=True, cwd=root)
    return (out / "stacks/keys/cdk.tf.json").read_text()


def changes(folder: Path, home: Path, text: str, *, apply: bool = True) -> set[str]:
    """Actions of the plan for a stack's text after what the folder's state holds, which is then applied."""
    (folder / "cdk.tf.json").write_text(text)
    (folder / "backend_override.tf.json").write_text('{"terraform": {"backend": {"local": {}}}}')
    with running(home, schema=SCHEMA, lawless=True) as cloud:
        assert cloud.terraform(["init"], cwd=folder).returncode == 0
        done = cloud.terraform(["plan", "-out=p"], cwd=folder)
        assert done.returncode == 0, done.stderr
        plan = json.loads(cloud.terraform(["show", "-json", "p"], cwd=folder).stdout)
        assert not apply or cloud.terraform(["apply", "p"], cwd=folder).returncode == 0
    return {action for change in plan["resource_changes"] for action in change["change"]["actions"]}


def test_a_rename_with_a_move_changes_nothing_and_without_one_destroys(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    assert changes(folder, tmp_path / "cloud", synthesized("old", "no", tmp_path / "1")) == {"create"}
    assert changes(folder, tmp_path / "cloud", synthesized("new", "yes", tmp_path / "2")) == {"no-op"}
    # Danger: applied, this would be a race for the bucket's name; Terraform destroys and creates side by side.
    assert "delete" in changes(folder, tmp_path / "cloud", synthesized("newer", "no", tmp_path / "3"), apply=False)
