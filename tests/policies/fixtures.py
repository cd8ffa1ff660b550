"""The fixtures of all rules, planned by real Terraform in one run: a module for each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from operations.target import opened
from policies.rule import rules
from sandbox.launcher import run

VERDICTS = ("pass", "fail")


def planned_fixtures(folder: Path, terraform: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """A plan document for every (rule, fixture). The fixtures are valid Terraform, or this fails."""
    modules = {}
    for rule in rules():
        for verdict in VERDICTS:
            place = folder / rule.id / verdict
            place.mkdir(parents=True)
            shutil.copy(rule.folder / f"{verdict}.tf", place / "main.tf")
            modules[f"{rule.id}-{verdict}"] = {"source": f"./{rule.id}/{verdict}"}
    document = {"terraform": terraform, "provider": {"google": {}}, "module": modules}
    (folder / "main.tf.json").write_text(json.dumps(document))
    plan = _planned(folder)
    return {
        tuple(name.rsplit("-", 1)): _part(plan, name)  # type: ignore[misc]
        for name in modules
    }


def _planned(folder: Path) -> dict[str, Any]:
    with opened("sandbox", folder) as target:
        environment = target.environment()
        for words in (["init"], ["plan", "-refresh=false", "-out=plan.bin"], ["show", "-json", "plan.bin"]):
            options = [] if words[0] == "show" else ["-input=false", "-no-color"]
            done = run([words[0], *options, *words[1:]], cwd=folder, env=environment)
            assert done.returncode == 0, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _part(plan: dict[str, Any], name: str) -> dict[str, Any]:
    """One module of a plan as a plan of its own."""
    begin = f"module.{name}."

    def own(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [i | {"address": i["address"].removeprefix(begin)} for i in items if str(i["address"]).startswith(begin)]

    root = plan["planned_values"]["root_module"]
    resources = [r for child in root["child_modules"] for r in child["resources"]]
    configuration = plan["configuration"]["root_module"]["module_calls"][name]["module"]
    return {
        "planned_values": {"root_module": {"resources": own(resources)}},
        "configuration": {"root_module": configuration},
        "resource_changes": own(plan["resource_changes"]),
    }
