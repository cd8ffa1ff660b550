"""Terraform on one template, away from everything that exists: what it says of the template and of inputs."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog_templates.template import PRECONDITIONS, Template
from operations.outcome import OperationFailed
from sandbox.launcher import run
from sandbox.process import Completed
from sandbox.session import Cloud, running
from settings.problems import Problem

INPUTS = "order.tfvars.json"
_RULE = re.compile(r"\s*This was checked by the validation rule at .*", re.S)
_DECLARED = re.compile(r"variables\.tf:(\d+)")
_OUTPUT = re.compile(r'output "(\w+)"')


@dataclass(frozen=True)
class Workshop:
    """A folder with a copy of a template in which Terraform works against an empty sandbox."""

    folder: Path
    cloud: Cloud

    def terraform(self, *arguments: str) -> Completed:
        """One command; its exit code is the caller's to judge."""
        return self.cloud.terraform([*arguments, "-no-color"], cwd=self.folder)

    def plan(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The plan that inputs lead to, as Terraform's JSON. OperationFailed with Terraform's words."""
        (self.folder / INPUTS).write_text(json.dumps(inputs))
        done = self.terraform("plan", "-input=false", f"-var-file={INPUTS}", "-out=plan.bin")
        if done.returncode:
            raise OperationFailed(self.folder.name, done.stderr.strip() or done.stdout.strip(), "correct the template")
        shown: dict[str, Any] = json.loads(self.terraform("show", "-json", "plan.bin").stdout)
        return shown


@contextmanager
def empty_cloud(schema: Path) -> Iterator[Cloud]:
    """A sandbox of its own that holds nothing and is gone afterwards; `schema` keeps what takes seconds to make."""
    with (
        tempfile.TemporaryDirectory(prefix="catalog-") as home,
        running(Path(home) / "sandbox", schema=schema) as cloud,
    ):
        yield cloud


@contextmanager
def workshop(template: Template, cloud: Cloud) -> Iterator[Workshop]:
    """A copy of a template, initialized; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="template-") as home:
        folder = Path(home) / template.key
        shutil.copytree(template.folder, folder)
        place = Workshop(folder, cloud)
        done = place.terraform("init", "-input=false")
        if done.returncode:
            raise OperationFailed(template.key, (done.stderr or done.stdout).strip(), "correct versions.tf")
        yield place


def judge(template: Template, inputs: Mapping[str, Any]) -> list[Problem]:
    """What the template's variables say against inputs: Terraform's own judgement, all of it at once.

    Only `variables.tf` is read, so that nothing else is asked or made; without what is missing, about which Terraform
    would be silent on everything else. Where nothing is missing, what inputs must fulfil together is read as well.
    """
    missing = [name for name, it in template.variables.items() if it.required and name not in inputs]
    problems = [Problem(name, "is missing", "give it a value") for name in missing]
    return problems + _judged(
        template, {name: it for name, it in inputs.items() if name in template.variables}, missing
    )


def _judged(template: Template, inputs: Mapping[str, Any], without: list[str]) -> list[Problem]:
    with tempfile.TemporaryDirectory(prefix="order-") as home:
        (Path(home) / "variables.tf").write_text(_declarations(template, without))
        for file in () if without else template.folder.glob(PRECONDITIONS):
            shutil.copy(file, home)
        (Path(home) / INPUTS).write_text(json.dumps(inputs))
        words = ["plan", "-json", "-input=false", "-refresh=false", "-lock=false", f"-var-file={INPUTS}"]
        done = run(words, cwd=Path(home), env=_plain_environment())
    if done.returncode == 0:
        return []
    found = [_problem(template, event["diagnostic"]) for event in events(done.stdout) if "diagnostic" in event]
    return found or [Problem(template.key, done.stderr.strip() or "Terraform failed", "run 'blueprint doctor'")]


def _declarations(template: Template, without: list[str]) -> str:
    """The text of variables.tf in which some variables are blank lines, so that the others keep their place."""
    blank = {line for name in without for line in template.variables[name].lines}
    lines = (template.folder / "variables.tf").read_text(encoding="utf-8").splitlines()
    return "\n".join("" if number in blank else line for number, line in enumerate(lines, 1)) + "\n"


def events(text: str) -> Iterator[dict[str, Any]]:
    """The lines that Terraform wrote for machines."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _plain_environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return own | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


def _problem(template: Template, diagnostic: dict[str, Any]) -> Problem:
    detail = str(diagnostic.get("detail", ""))
    name = _culprit(template, diagnostic, detail)
    text = _RULE.sub("", detail).strip()
    if (diagnostic.get("range") or {}).get("filename") == PRECONDITIONS:
        return Problem(name, "is not accepted", text)
    if variable := template.variables.get(name):
        if text not in variable.messages:
            return Problem(name, f"is not {_kind(variable.type)}", "write it in that form")
        return Problem(name, _said(diagnostic), text)
    return Problem(name, text or diagnostic["summary"], "correct the order")


def _culprit(template: Template, diagnostic: dict[str, Any], detail: str) -> str:
    place, around = diagnostic.get("range") or {}, diagnostic.get("snippet") or {}
    if output := _OUTPUT.fullmatch(str(around.get("context"))):
        return output[1]
    lines = [int(line) for line in _DECLARED.findall(detail)]
    if place.get("filename") == "variables.tf":
        lines.append(place["start"]["line"])
    for variable in template.variables.values():
        if any(line in variable.lines for line in lines):
            return variable.name
    return template.key


def _said(diagnostic: dict[str, Any]) -> str:
    """What the value is, as Terraform tells it."""
    values = (diagnostic.get("snippet") or {}).get("values") or [{}]
    return str(values[0].get("statement", "is not accepted"))


def _kind(type_: str) -> str:
    return {"string": "text", "number": "a number", "bool": "true or false"}.get(type_, type_)
