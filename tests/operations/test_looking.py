"""Who only looks plans as the reader: without the deployer's identity, and without a lock on any state."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from operations import workspace
from operations.graph import StackPlan
from operations.workspace import DEPLOYER, Workspace

Plan = Callable[[dict[str, Any], str], tuple[bool, dict[str, str], Any]]
READER, OWNER = "deploy-plan@seed", "deploy-data@seed"


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """What Terraform was asked and in which surroundings, and the provider block that is laid over the stack's."""
    ran: list[tuple[tuple[str, ...], dict[str, str]]] = []

    def run(arguments: tuple[str, ...], *, cwd: Path, env: dict[str, str], on_line: Any) -> Any:
        ran.append((arguments, env))
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    def plan(variables: dict[str, Any], looks_as: str) -> tuple[bool, dict[str, str], Any]:
        monkeypatch.setattr(workspace, "run", run)
        file = tmp_path / "cdk.tf.json"
        file.write_text(json.dumps({"variable": variables, "provider": {"google": [{}]}}))
        made = Workspace(
            StackPlan("data", file, frozenset()), cast(Any, SimpleNamespace(home=tmp_path, environment=dict))
        )
        made.looks_as = looks_as
        made.folder.mkdir(parents=True, exist_ok=True)
        made.plan()
        words, environment = ran.pop()
        over = made.folder / workspace.READER
        return "-lock=false" in words, environment, json.loads(over.read_text())["provider"] if over.exists() else None

    return plan


def test_a_stack_is_planned_as_its_deployer_or_as_the_reader_who_locks_nothing(planned: Plan) -> None:
    own = {"deployer": {"default": OWNER}}
    assert planned(own, "") == (False, {DEPLOYER: OWNER}, None)
    assert planned(own, READER) == (True, {DEPLOYER: READER}, None)


def test_a_stack_without_a_deployer_is_looked_at_by_the_reader_and_planned_by_whoever_runs_it(planned: Plan) -> None:
    assert planned({}, READER) == (True, {}, {"google": [{"impersonate_service_account": READER}]})
    assert planned({}, "") == (False, {}, None)
