"""A run that is killed takes its Terraform along, so that nothing waits for providers that are gone."""

import os
import time

import pytest

from tests.terraform_folder import TERRAFORMS, choose, make_stack, python, wait_for

RUN = """
import os, sys
from pathlib import Path
from sandbox import launcher
for words in (["init"], ["apply", "-auto-approve", "-var=slow=1"]):
    launcher.run(words, cwd=Path(sys.argv[1]), env=dict(os.environ))
"""

STEP = """
import os, sys
from pathlib import Path
from sandbox.builds.step import Process, Surroundings
step = {"entrypoint": "bash", "args": ["-c", "sleep 0.5; echo $$ > new && mv new group; sleep 600"]}
Process().run(step, Surroundings(Path(sys.argv[1]), {"PATH": os.environ["PATH"]}), {}, print)
"""


def alive(group: int) -> bool:
    """Does anything of a process group live?"""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("terraform", TERRAFORMS)
def test_no_terraform_outlives_a_killed_run(terraform, tmp_path, monkeypatch):
    choose(terraform, monkeypatch)
    stack = make_stack(tmp_path / "stack", backend="")
    text = (stack / "main.tf").read_text()
    (stack / "main.tf").write_text(text.replace("touch begun;", "echo $PPID > new && mv new group;"))
    run = python(RUN, str(stack))
    wait_for(stack / "group")
    group = os.getpgid(int((stack / "group").read_text()))
    assert alive(group)
    run.kill()
    run.wait()
    end = time.monotonic() + 10
    while alive(group):
        assert time.monotonic() < end, "terraform still runs"
        time.sleep(0.05)


def test_no_step_of_a_build_and_no_container_outlives_a_killed_server(tmp_path):
    run = python(STEP, str(tmp_path))
    wait_for(tmp_path / "group")
    group = int((tmp_path / "group").read_text())
    assert alive(group)
    run.kill()
    run.wait()
    end = time.monotonic() + 10
    while alive(group):
        assert time.monotonic() < end, "the step still runs"
        time.sleep(0.05)
