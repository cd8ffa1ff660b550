"""Checkov as a library: all rules over plans or a Terraform folder, in one process."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# Danger: both are read when Checkov is imported or runs. Values that are known after the apply count as set.
os.environ["LOG_LEVEL"] = "ERROR"
os.environ["EVAL_TF_PLAN_AFTER_UNKNOWN"] = "1"

from checkov.common.checks_infra.checks_parser import GraphCheckParser
from checkov.common.checks_infra.registry import Registry
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.common.output.report import Report
from checkov.runner_filter import RunnerFilter
from checkov.terraform import plan_runner, runner
from checkov.terraform.checks import graph_checks
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from policies.plans import Plan, context, definition
from policies.rule import Facts, House, NotUsable, Rule, rules
from policies.values import Values, is_open

BUILT_IN = ("CKV_GCP_*", "CKV2_GCP_*")
# One pattern for all rules of ours: Checkov holds every resource and check against every pattern.
OWN = "own/"
PLANS = Path("/plans")
ADDRESS = "__address__"


@dataclass(frozen=True, order=True)
class Finding:
    """One resource that one rule rejects."""

    rule: str
    stack: str
    address: str
    sentence: str
    severity: str
    detail: str = ""

    @property
    def place(self) -> str:
        """Stack and address, as waivers name them."""
        return f"{self.stack}: {self.address}"


@dataclass(frozen=True)
class Judged:
    """What a scan found, and which rules judged how many resources."""

    findings: list[Finding]
    judged: dict[str, int]


class _Adapter(BaseResourceCheck):
    """A rule of ours as a check of Checkov."""

    house: House
    broken: list[str]
    template: bool

    def __init__(self, rule: Rule) -> None:
        self.rule, self.broken, self.template = rule, [], False
        categories = [CheckCategories.GENERAL_SECURITY]
        super().__init__(rule.sentence, OWN + rule.id, categories, list(rule.resources))

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        it = Values(conf, self.entity_type, str(conf.get(ADDRESS, "")))
        assert self.rule.wrong
        try:
            wrong = self.rule.wrong(it, self.house)
        except Exception as error:
            # A template leaves to others what the rule computes with; the plan tells it.
            if self.template and any(is_open(text) for text in it.strings()):
                return CheckResult.UNKNOWN
            # Danger: Checkov counts a check that fails as one that has nothing to say.
            self.broken.append(f"{type(error).__name__}: {error} at {it.address}")
            return CheckResult.UNKNOWN
        self.details = [] if wrong in (True, False, None) else [str(wrong)]
        return CheckResult.FAILED if wrong else CheckResult.PASSED


@cache
def _adapters() -> tuple[_Adapter, ...]:
    """Registered once in this process: Checkov keeps one list of checks."""
    return tuple(_Adapter(rule) for rule in rules() if rule.wrong)


@cache
def _graph_registry() -> Registry:
    registry = Registry(str(Path(graph_checks.__file__).parent / "gcp"), GraphCheckParser())
    registry.load_checks()
    for rule in rules():
        if rule.definition:
            check = registry.parser.parse_raw_check(dict(rule.definition))
            check.id = OWN + rule.id
            registry.checks.append(check)
    return registry


@contextmanager
def _no_collection() -> Iterator[None]:
    """A run makes objects that stay until its end; looking for garbage among them is a fourth of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_collection()
def scan_plans(plans: Mapping[str, Plan], facts: Facts, *, only: tuple[str, ...] = ()) -> Judged:
    """Judge plans by stack name, all together. `only` names rules; otherwise all judge, Checkov's own included."""
    scanner = plan_runner.Runner()
    # Danger: Checkov compares a resource with every one of its name in its folder; teams have the same names.
    scanner.definitions = {str(PLANS / name / "plan"): definition(plan) for name, plan in plans.items()}
    scanner.context = context(scanner.definitions)
    graph = scanner.graph_manager.build_graph_from_definitions(scanner.definitions, render_variables=False)
    scanner.graph_manager.save_graph(graph)
    return _run(scanner, "terraform_plan", PLANS, facts, only)


def scan_folder(folder: Path, facts: Facts, *, only: tuple[str, ...] = (), file: str = "") -> Judged:
    """Judge the Terraform files of a folder, or one of them. NotUsable where there are none or one cannot be parsed."""
    unread = [one for one in folder.rglob("*.tf.json") if "/." not in f"/{one.relative_to(folder).as_posix()}"]
    if unread and not file:
        raise NotUsable(
            str(unread[0]), "is Terraform in JSON, which cannot be judged as it is", "judge its plan instead"
        )
    if not any(folder.glob(file or "*.tf")):
        raise NotUsable(str(folder), "holds no *.tf file", "name a Terraform folder, or a plan in JSON")
    return _run(runner.Runner(), "terraform", folder, facts, only, [str(folder / file)] if file else None)


def _run(
    scanner: Any, framework: str, root: Path, facts: Facts, only: tuple[str, ...], files: list[str] | None = None
) -> Judged:
    house = House(facts, lambda: _resources(scanner.definitions))
    for adapter in _adapters():
        adapter.house, adapter.broken, adapter.template = house, [], framework == "terraform"
    scanner.graph_registry = _graph_registry()
    wanted = [OWN + rule for rule in only] if only else [*BUILT_IN, f"{OWN}*"]
    # Danger: comments in a template that switch checks off are not read; exceptions stand in waivers.yaml.
    report = scanner.run(
        root_folder=None if files else str(root),
        files=files,
        runner_filter=RunnerFilter(framework=[framework], checks=wanted),
        collect_skip_comments=False,
    )
    for path in report.parsing_errors:
        raise NotUsable(path, "cannot be parsed", "run 'terraform validate' there")
    for adapter in _adapters():
        if adapter.broken:
            raise NotUsable(f"policies/{adapter.rule.id}", f"fails: {adapter.broken[0]}", "correct the rule")
    return _judged(report, root, framework)


def _resources(definitions: Mapping[Any, Mapping[str, Any]]) -> list[Values]:
    return [
        Values(values, type_, str(values.get(ADDRESS, "")))
        for blocks in definitions.values()
        for block in blocks.get("resource", [])
        for type_, named in block.items()
        for values in named.values()
    ]


def _judged(report: Report, root: Path, framework: str) -> Judged:
    known = {rule.id: rule for rule in rules()}
    counts: dict[str, int] = {}
    for record in (*report.passed_checks, *report.failed_checks):
        record.check_id = record.check_id.removeprefix(OWN)
        counts[record.check_id] = counts.get(record.check_id, 0) + 1
    findings = set()
    for record in report.failed_checks:
        rule = known.get(record.check_id)
        stack = Path(record.file_abs_path).parent.name if framework == "terraform_plan" else root.name
        severity = rule.severity if rule else "MEDIUM"
        sentence = rule.sentence if rule else record.check_name
        detail = "; ".join(record.details or ())
        findings.add(Finding(record.check_id, stack, record.resource, sentence, severity, detail))
    return Judged(sorted(findings), counts)
