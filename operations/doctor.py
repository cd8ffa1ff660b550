"""Is everything ready? One examination of this computer, and for Google of the organization before the first change."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from operations import computer
from operations.computer import Here
from operations.findings import Check, Finding, Report, made
from operations.outcome import Exit, OperationFailed
from settings.loading import read, read_yaml
from settings.model import Installation
from settings.problems import InvalidSettings

if TYPE_CHECKING:
    from operations.estate_outline import Outline
    from operations.graph import Graph

DATA = Path(__file__).with_name("preflight.yaml")


def examine(settings: Path, target: str, root: Path, graph: Graph | None = None) -> Report:
    """Every check for a target. Nothing is changed; without a `graph` the stacks are synthesized aside.

    `root` is the folder that holds `.sandbox` and `.google`.
    """
    findings = made(_local(Here(settings, root, target)))
    if target == "google":
        try:
            findings += at_google(settings, read(settings), graph)
        except InvalidSettings:
            text = "not asked, because the settings have problems"
            findings.append(Finding("google", "unknown", text, "mend the settings first"))
    return Report(target, findings)


def before_first_change(settings: Path, target: str, root: Path | None = None, graph: Graph | None = None) -> None:
    """Refuse a first deploy to Google that is bound to fail. InvalidSettings, or OperationFailed with every failure.

    `graph` spares a second synthesis where the stacks are at hand.
    """
    if target != "google":
        return
    read(settings)
    failures = examine(settings, target, root or Path.cwd(), graph).failures
    if failures:
        lines = "".join(f"\n  {f.name}: {_one_line(f.text)}; {f.way_out}" for f in failures)
        text = f"not ready for a first deploy:{lines}\n{len(failures)} checks failed"
        raise OperationFailed(target, text, "see 'blueprint doctor --target google'", code=Exit.REFUSED)


def at_google(settings: Path, it: Installation, graph: Graph | None = None) -> list[Finding]:
    """What Google says; nothing is asked with the example's settings or without credentials."""
    from operations import credentials, preflight
    from operations.google_api import endpoint

    findings = made({"own settings": partial(own_settings, it=it)})
    if findings[0].verdict != "ok":
        return findings
    try:
        address = endpoint()
    except OperationFailed as error:
        return [*findings, Finding("endpoint", "failed", error.problem.text, error.problem.way_out, Exit.BAD_INPUT)]
    found = credentials.find()
    if found is None:
        text = "there are none: neither a token in the environment, nor a login, nor an account of the machine"
        return [*findings, Finding("credentials", "failed", text, preflight.LOG_IN)]
    findings.append(_credentials(found.source, found.for_terraform))
    stacks, outline = _stacks(settings, graph)
    return [*findings, stacks, *preflight.findings(it, outline, found, address)]


def own_settings(name: str, it: Installation) -> Finding:
    """The settings are somebody's own, not those that this repository ships."""
    example = read_yaml(DATA, "operations/preflight.yaml")["example"]
    same = [f"{key}: {value}" for key, value in example.items() if getattr(it.organization, key) == value]
    if same:
        text = f"these are the example's settings ({', '.join(same)})"
        return Finding(name, "failed", text, "run 'blueprint init'")
    return Finding(name, "ok", f"the settings are those of {it.organization.domain}")


def _credentials(source: str, for_terraform: bool) -> Finding:
    if for_terraform:
        return Finding("credentials", "ok", f"found: {source}")
    text, way_out = f"found: {source}, which Terraform does not use", "run 'gcloud auth application-default login'"
    return Finding("credentials", "failed", text, way_out)


def _stacks(settings: Path, graph: Graph | None) -> tuple[Finding, Outline]:
    from operations.estate_outline import Outline, outline

    try:
        found = Outline.of(graph) if graph else outline(settings)
    except OperationFailed as error:
        return Finding("stacks", "failed", error.problem.text, "mend this first; see 'blueprint synth'"), Outline()
    return Finding("stacks", "ok", f"synthesized; {len(found.projects)} projects are made"), found


def _local(here: Here) -> dict[str, Check]:
    table = read_yaml(DATA, "operations/preflight.yaml")["environment"]
    return {
        "python": computer.python,
        "terraform": computer.terraform,
        "node": computer.node,
        "bindings": computer.bindings,
        "settings": partial(computer.settings, here=here),
        "folder": partial(computer.folder, here=here),
        "memory": computer.memory,
        "environment": partial(computer.environment, here=here, table=table),
        "locks": partial(computer.locks, here=here),
        "sockets": computer.sockets,
        "state folder": partial(computer.state_folder, here=here),
    }


def _one_line(text: str) -> str:
    return ", ".join(text.splitlines())
