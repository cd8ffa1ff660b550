import json
import os
import signal

import pytest

from sandbox.state_bucket import BucketServer
from sandbox.store import Store
from tests.terraform_folder import BACKEND, TERRAFORMS, TerraformFolder, choose, make_stack, wait_for

STATE, LOCK = "some/stack/default.tfstate", "some/stack/default.tflock"


def environment(server):
    foreign = ("TF_", "GOOGLE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | {
        "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT": server.endpoint,
        "GOOGLE_OAUTH_ACCESS_TOKEN": server.token,
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": os.devnull,
    }


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cloud.db") as opened:
        opened.put("google_storage_bucket", "states", {"name": "states"})
        yield opened


@pytest.fixture
def server(store):
    serving = BucketServer(store)
    yield serving
    serving.stop()


@pytest.fixture(params=TERRAFORMS)
def stack(request, monkeypatch, tmp_path, server):
    choose(request.param, monkeypatch)
    return TerraformFolder(make_stack(tmp_path / "stack"), environment(server))


def objects(store):
    return [found.name for found in store.objects.find("states")]


def resources(store):
    state = json.loads(store.objects.get("states", STATE).data)
    return {resource["name"]: resource["instances"] for resource in state["resources"]}


def test_a_bucket_must_have_been_created_before_states_go_there(stack, store):
    store.delete("google_storage_bucket", "states")
    refused = stack("init")
    assert refused.returncode == 1
    assert "bucket doesn't exist" in refused.stderr or "bucket does not exist" in refused.stderr


def test_a_local_state_moves_into_the_bucket_and_keeps_its_resources(stack, store):
    backend = stack.path / "backend.tf"
    backend.unlink()
    stack.done("init")
    stack.done("apply", "-auto-approve")
    backend.write_text(BACKEND)
    stack.done("init", "-migrate-state", "-force-copy")
    assert objects(store) == [STATE]
    assert stack("plan", "-detailed-exitcode").returncode == 0


def test_whoever_comes_second_is_told_who_holds_the_lock(stack, store):
    stack.done("init")
    first = stack.start("apply", "-auto-approve", "-var=slow=1")
    wait_for(stack.path / "begun")
    second = stack("apply", "-auto-approve")
    holder = json.loads(store.objects.get("states", LOCK).data)
    stack.go()
    assert first.wait() == 0, first.communicate()
    assert second.returncode == 1
    assert "Error acquiring the state lock" in second.stderr
    assert f"Who:       {holder['Who']}" in second.stderr
    assert objects(store) == [STATE]


def test_a_lock_can_be_broken_by_its_id(stack, store):
    stack.done("init")
    lock = store.objects.put("states", LOCK, b'{"ID": "x", "Who": "ghost@nowhere", "Operation": "OperationTypeApply"}')
    assert "ghost@nowhere" in stack("apply", "-auto-approve").stderr
    stack.done("force-unlock", "-force", str(lock.generation))
    stack.done("apply", "-auto-approve")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_apply_that_is_stopped_keeps_what_it_made_and_unlocks(stack, store, ending):
    stack.done("init")
    apply = stack.start("apply", "-auto-approve", "-var=slow=1")
    wait_for(stack.path / "begun")
    apply.send_signal(ending)
    said, _ = apply.communicate(timeout=300)
    assert apply.returncode == 1
    assert "Interrupt received" in said
    assert objects(store) == [STATE]
    assert [instance.get("status") for instance in resources(store)["slow"]] == ["tainted"]
    assert len(resources(store)["quick"]) == 1
    stack.go()
    stack.done("apply", "-auto-approve", "-var=slow=1")


def test_each_workspace_has_a_state_of_its_own(stack, store):
    stack.done("init")
    stack.done("apply", "-auto-approve")
    stack.done("workspace", "new", "blue")
    stack.done("apply", "-auto-approve")
    assert objects(store) == ["some/stack/blue.tfstate", STATE]
    assert "* blue" in stack.done("workspace", "list")


def test_a_stack_goes_on_when_the_server_comes_back_elsewhere(stack, store):
    stack.done("init")
    stack.done("apply", "-auto-approve")
    later = BucketServer(store)
    again = TerraformFolder(stack.path, environment(later))
    assert again("plan", "-detailed-exitcode").returncode == 0
    again.done("destroy", "-auto-approve")
    later.stop()
    assert resources(store) == {}
