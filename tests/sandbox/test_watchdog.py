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
