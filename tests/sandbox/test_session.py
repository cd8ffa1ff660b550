import json
import os
import re
import signal
from functools import partial
from pathlib import Path

import pytest

from sandbox import launcher, session
from sandbox.errors import SandboxError
from sandbox.exclusive import SandboxBusy, exclusively
from sandbox.state_locks import recover, remember_living, stale_locks, state_file
from sandbox.store import Store
from tests.terraform_folder import SCHEMA, STACK, TERRAFORMS, TerraformFolder, choose, make_stack, python, wait_for

GOOGLE = """
terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}
resource "google_storage_bucket" "made" {
  name     = "made-before-the-end"
  location = "EU"
  project  = "some-project"
}
"""
APPLY = """
import sys
from pathlib import Path
from sandbox.session import running
folder, stack = Path(sys.argv[1]), Path(sys.argv[2])
with running(folder, schema=Path(sys.argv[3]), lawless=True) as cloud:
    cloud.store.put("google_storage_bucket", "states", {"name": "states"})
    for words in (["init"], ["apply", "-auto-approve", "-var=slow=1"]):
        cloud.terraform(words, cwd=stack)
"""
HOLD = """
import sys, time
from pathlib import Path
from sandbox.session import running
with running(Path(sys.argv[1]), schema=Path(sys.argv[2]), lawless=True) as cloud:
    print("running", *cloud.recovered, flush=True)
    time.sleep(60)
"""

running = partial(session.running, schema=SCHEMA)


@pytest.fixture(params=TERRAFORMS)
def terraform(request, monkeypatch):
    choose(request.param, monkeypatch)


def test_the_environment_keeps_a_person_s_own_cloud_outside(tmp_path, monkeypatch):
    for name in (
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CREDENTIALS",
        "CLOUDSDK_AUTH_ACCESS_TOKEN",
        "STORAGE_EMULATOR_HOST",
        "TF_VAR_project",
        "TF_WORKSPACE",
        "TF_DATA_DIR",
        "TF_CLI_ARGS",
        "NODE_OPTIONS",
    ):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("TF_LOG", "warn")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    with running(tmp_path / ".sandbox", lawless=True) as cloud:
        environment = cloud.environment()
        assert "mine" not in environment.values()
        assert (environment["SOMETHING_ELSE"], environment["TF_LOG"]) == ("kept", "warn")
        assert Path(environment["TF_CLI_CONFIG_FILE"]).read_text() == ""
        assert os.access(environment["TERRAFORM_BINARY_NAME"], os.X_OK)
        assert re.fullmatch(
            r"http://127\.0\.0\.1:\d+/storage/v1/", environment["GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT"]
        )


def test_every_process_gets_endpoints_of_its_own(tmp_path):
    with running(tmp_path, lawless=True) as cloud:
        first, second = (json.loads(cloud.environment()["TF_REATTACH_PROVIDERS"]) for _ in range(2))
    assert first.keys() == second.keys()
    assert all(first[name]["Addr"] != second[name]["Addr"] for name in first)


def test_terraform_starts_without_a_word_about_its_configuration(terraform, tmp_path):
    with running(tmp_path / ".sandbox", lawless=True) as cloud:
        stack = TerraformFolder(make_stack(tmp_path / "stack", backend=""), cloud.environment())
        assert stack("init").stderr == ""


def test_a_deep_checkout_is_no_obstacle(terraform, tmp_path):
    deep = tmp_path.joinpath(*["a-rather-long-name-of-a-folder"] * 5)
    with running(deep / ".sandbox", lawless=True) as cloud:
        cloud.store.put("google_storage_bucket", "states", {"name": "states"})
        folder = make_stack(deep / "stack")
        (folder / "google.tf").write_text(GOOGLE)
        TerraformFolder(folder, cloud.environment()).done("init")
        TerraformFolder(folder, cloud.environment()).done("apply", "-auto-approve")
        assert cloud.store.get("google_storage_bucket", "made-before-the-end")


def test_only_one_process_runs_a_sandbox_and_the_other_is_told_which(tmp_path):
    holder = python(HOLD, str(tmp_path), str(SCHEMA))
    assert holder.stdout.readline() == "running\n"
    with pytest.raises(SandboxBusy, match=rf"in use by process {holder.pid} on .+ since .+; wait for it, or stop it"):
        running(tmp_path).__enter__()
    holder.kill()
    holder.wait()
    with running(tmp_path, lawless=True) as cloud:
        assert cloud.recovered == []
        with pytest.raises(SandboxBusy, match=f"process {os.getpid()} "), running(tmp_path):
            pass
    with running(tmp_path):
        pass


def test_what_a_dead_process_wrote_into_the_lock_does_not_matter(tmp_path):
    (tmp_path / "lock").write_text('{"pid": 1, "sta')
    with exclusively(tmp_path / "lock"), pytest.raises(SandboxBusy), exclusively(tmp_path / "lock"):
        pass


def test_after_a_kill_in_the_middle_of_an_apply_the_next_one_works(terraform, tmp_path):
    stack, folder = make_stack(tmp_path / "stack"), tmp_path / ".sandbox"
    (stack / "main.tf").write_text(GOOGLE + STACK.replace("terraform_data.quick]", "google_storage_bucket.made]"))
    runner = python(APPLY, str(folder), str(stack), str(SCHEMA))
    wait_for(stack / "begun")
    os.killpg(runner.pid, signal.SIGKILL)
    runner.wait()
    (stack / "go").touch()
    with running(folder, lawless=True) as cloud:
        removed, unlocked = cloud.recovered
        assert removed.startswith("google_storage_bucket made-before-the-end: made by a run that died")
        assert unlocked.startswith("gs://states/some/stack/default.tflock (OperationTypeApply by ")
        again = TerraformFolder(stack, cloud.environment())
        again.done("apply", "-auto-approve", "-var=slow=1")
        assert cloud.store.get("google_storage_bucket", "made-before-the-end")
    with running(folder, lawless=True) as cloud:
        assert cloud.recovered == []
        assert cloud.terraform(["plan", "-detailed-exitcode", "-var=slow=1"], cwd=stack).returncode == 0


def test_after_an_interrupt_in_the_middle_of_an_apply_nothing_needs_recovery(terraform, tmp_path):
    stack, folder = make_stack(tmp_path / "stack"), tmp_path / ".sandbox"
    (stack / "main.tf").write_text(GOOGLE + STACK.replace("terraform_data.quick]", "google_storage_bucket.made]"))
    runner = python(APPLY, str(folder), str(stack), str(SCHEMA))
    wait_for(stack / "begun")
    runner.send_signal(signal.SIGINT)
    assert runner.communicate(timeout=300)[1].endswith("KeyboardInterrupt\n")
    with running(folder, lawless=True) as cloud:
        assert cloud.recovered == []
        assert cloud.store.get("google_storage_bucket", "made-before-the-end")
        assert cloud.terraform(["plan", "-detailed-exitcode"], cwd=stack).returncode == 2
        assert cloud.terraform(["apply", "-auto-approve"], cwd=stack).returncode == 0


def test_what_a_state_in_a_file_did_not_get_to_know_is_taken_back_too(tmp_path):
    state = tmp_path / "work/first/terraform.tfstate"
    state.parent.mkdir(parents=True)
    with Store(tmp_path / "cloud.db") as store:
        store.put("google_storage_bucket", "old", {"name": "old"})
        with pytest.raises(KeyboardInterrupt), state_file(store, state):
            for name in ("recorded", "unrecorded"):
                store.put("google_storage_bucket", name, {"name": name})
            instance = {"attributes": {"id": "recorded"}}
            state.write_text(json.dumps({"resources": [{"type": "google_storage_bucket", "instances": [instance]}]}))
            raise KeyboardInterrupt
        assert [line.partition(":")[0] for line in recover(store)] == ["google_storage_bucket unrecorded"]
        assert [id_ for id_, _ in store.find("google_storage_bucket")] == ["old", "recorded"]
        with state_file(store, state):
            store.put("google_storage_bucket", "new", {"name": "new"})
        assert recover(store) == []
        with pytest.raises(KeyboardInterrupt), state_file(store, state):
            state.write_text("")
            store.put("google_storage_bucket", "newer", {"name": "newer"})
            raise KeyboardInterrupt
        assert len(recover(store)) == 1


def test_only_what_no_state_knows_is_taken_back(tmp_path):
    with Store(tmp_path / "cloud.db") as store:
        for name in ("states", "old"):
            store.put("google_storage_bucket", name, {"name": name})
        store.objects.put(
            "states", "a.tflock", b'{"Who": "me@here", "Operation": "apply"}', metadata=remember_living(store)
        )
        for name in ("recorded", "unrecorded"):
            store.put("google_storage_bucket", name, {"name": name})
        instance = {"attributes": {"id": "recorded"}}
        state = {"resources": [{"type": "google_storage_bucket", "instances": [instance]}]}
        store.objects.put("states", "a.tfstate", json.dumps(state).encode())
        (lock,) = stale_locks(store)
        assert (lock.bucket, lock.name, lock.holder) == ("states", "a.tflock", "me@here")
        assert len(recover(store)) == 2
        assert [name for name, _ in store.find("google_storage_bucket")] == ["old", "recorded", "states"]
        assert recover(store) == []


def test_a_lock_that_says_nothing_is_removed_too(tmp_path):
    with Store(tmp_path / "cloud.db") as store:
        store.put("google_storage_bucket", "states", {"name": "states"})
        store.objects.put("states", "a.tflock", b"garbage")
        assert recover(store) == [
            "gs://states/a.tflock (unknown by unknown since unknown): left by a run that died; removed"
        ]


def test_a_damaged_database_is_named(tmp_path):
    (tmp_path / "cloud.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(SandboxError, match=r"cloud\.db: .+; .+"), running(tmp_path):
        pass
    assert (tmp_path / "cloud.db").read_bytes().startswith(b"this is no database")


@pytest.mark.parametrize("inside", ["file", "file/deeper"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path, inside):
    (tmp_path / "file").touch()
    with (
        pytest.raises(SandboxError, match=r"file.*: .+; choose a folder that can be written"),
        running(tmp_path / inside),
    ):
        pass


def test_the_chosen_terraform_is_handed_to_cdktf(terraform, tmp_path):
    with running(tmp_path, lawless=True) as cloud:
        file = Path(cloud.environment()["TERRAFORM_BINARY_NAME"])
        assert ([str(file)] == launcher.command()) or "library.py" in file.read_text()
