"""Rules over what would be deployed: real plans of every stack, or any plan or Terraform folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operations.deploying import Run
from operations.graph import Graph
from operations.outcome import Exit, OperationFailed
from operations.workspace import Workspace
from settings.loading import names_of, read
from settings.model import Installation
from settings.names import CODES, COMMON
from settings.problems import InvalidSettings, Problem

if TYPE_CHECKING:
    from policies.rule import Facts, Rule
    from policies.scanning import Judged
    from policies.waivers import Verdict

Plans = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Checked:
    """What a check found: findings held against the waivers, and how much was judged."""

    what: str
    verdict: Verdict
    judged: Judged


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be used, as bad input with place, problem and way out."""
    from policies.rule import NotUsable

    try:
        yield
    except NotUsable as error:
        raise InvalidSettings([Problem(error.place, error.text, error.way_out)]) from None


def facts_of(installation: Installation) -> Facts:
    """What rules need to know of an installation."""
    from policies.rule import Facts

    organization, names = installation.organization, names_of(installation)
    codes = CODES | {key: environment.code for key, environment in installation.environments.items()}
    begins = {f"{organization.prefix}-{code}-": environment for environment, code in codes.items()}
    adopted = {
        project.id: max((e for e in codes if key.startswith(f"{e}-")), key=len, default=COMMON)
        for key, project in organization.existing.projects.items()
    }
    return Facts(
        regions=frozenset(organization.regions),
        environments=adopted | begins,
        operational=frozenset(k for k, e in installation.environments.items() if e.kind == "operational"),
        images=f"{organization.region}-docker.pkg.dev/{names.project(COMMON, 'artifacts')}/",
        apis=frozenset(f"{api}.googleapis.com" for apis in installation.apis.values() for api in apis),
    )


def rules() -> list[Rule]:
    """Every rule. InvalidSettings for a folder that is none."""
    from policies import rule

    with _told():
        return list(rule.rules())


def check_path(settings: Path, path: Path) -> Checked:
    """Judge a plan in JSON, a folder of plans, or a folder of Terraform."""
    from policies.plans import read_plan
    from policies.scanning import scan_folder, scan_plans

    facts = facts_of(read(settings))
    with _told():
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if path.is_dir() and any(path.glob("*.tf")):
            judged = scan_folder(path, facts)
        elif not files:
            raise InvalidSettings([Problem(str(path), "holds neither Terraform nor plans", "name a folder that does")])
        else:
            judged = scan_plans({file.stem: read_plan(file) for file in files}, facts)
        return _checked(str(path), judged, whole=False)


def check_plans(settings: Path, plans: Plans) -> Checked:
    """Judge the plans of all stacks together; rows of waivers that match nothing count as stale."""
    from policies.scanning import scan_plans

    facts = facts_of(read(settings))
    with _told():
        return _checked(f"{len(plans)} stacks", scan_plans(plans, facts), whole=True)


def plans_of(run: Run, graph: Graph) -> Plans:
    """A fresh plan of every stack against the state it needs. OperationFailed (inconclusive) where one has to wait."""
    if waiting := [result for result in run.plan(graph) if result.waits_for]:
        text = f"cannot be planned before {', '.join(waiting[0].waits_for)} is deployed"
        raise OperationFailed(waiting[0].name, text, "run 'blueprint up' first", code=Exit.INCONCLUSIVE)
    return {name: Workspace(stack, run.target).plan_document() for name, stack in graph.stacks.items()}


def _checked(what: str, judged: Judged, *, whole: bool) -> Checked:
    from policies.waivers import judge, read_waivers

    return Checked(what, judge(judged.findings, read_waivers(), today=date.today(), whole=whole), judged)
