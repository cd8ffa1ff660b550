"""The rules over the whole example estate, and what waivers may and may not do."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from checkov.terraform.checks.resource.registry import resource_registry

from operations.deploying import Run
from operations.graph import Graph
from operations.policy import plans_of
from operations.target import opened
from policies.rule import Facts, NotUsable
from policies.scanning import Finding, _graph_registry, scan_plans
from policies.waivers import Waiver, judge, read_waivers
from tests.plans import Plan, changed, resources_of
from tests.program import EXAMPLE, blueprint

TODAY = date(2027, 1, 1)
ROW = {"rule": "no_persons", "address": "*", "reason": "why", "owner": "security", "until": "2027-05-31"}


class Quiet:
    def started(self, stack: str, what: str) -> None: ...
    def changed(self, stack: str, address: str) -> None: ...
    def finished(self, stack: str, changes: object) -> None: ...


def finding(rule: str = "no_persons", stack: str = "data", address: str = "google_project_iam_member.x") -> Finding:
    return Finding(rule, stack, address, "Grants name groups", "HIGH")


def waiver(until: date = TODAY, address: str = "data: *") -> Waiver:
    return Waiver("no_persons", address, "why", "security", until)


def test_nothing_in_the_estate_breaks_a_rule_and_no_waiver_is_stale(plans: dict[str, Plan], facts: Facts) -> None:
    verdict = judge(scan_plans(plans, facts).findings, read_waivers(), today=date.min, whole=True)
    assert [f"{found.place}: {found.sentence} {found.detail}" for found in verdict.open] == []
    assert [str(row) for row in verdict.stale] == []


def test_no_waiver_is_over() -> None:
    assert [str(row) for row in judge([], read_waivers(), today=date.today(), whole=False).expired] == []


def test_people_only_view_folders_of_operations(plans: dict[str, Plan], facts: Facts) -> None:
    def broken(stack: str, wanted: str, **other: str) -> tuple[set[str], set[str]]:
        """What is planted, and what is found: every such grant of a stack with other values."""
        ones = {r["address"]: r["values"] | other for r in resources_of(plans[stack]) if wanted in r["address"]}
        left = scan_plans(
            plans | {stack: changed(plans[stack], dict(ones))}, facts, only=("people_only_view_operations",)
        ).findings
        return set(ones), {one.address for one in left}

    for place in ("nonproduction", "production"):
        planted, found = broken("groups", f"google_folder_iam_member.devops_engineer-{place}-", role="roles/editor")
        assert planted == found and planted
    planted, found = broken("groups", "google_folder_iam_member.devops_engineer-interactive-", role="roles/editor")
    assert planted and not found


NOT_ON_PLANS = {
    "CKV2_GCP_9": "asks buckets of Container Registry only; the estate has none",
    "CKV_GCP_16": "asks public zones only; the estate's are private",
    "CKV_GCP_76": "asks networks with IPv6 only; the estate has none",
    "CKV_GCP_82": "asks for prevent_destroy, which a plan does not tell; keys_wait_before_they_go does",
}


def built_in() -> dict[str, set[str]]:
    """Checkov's own checks for Google, with the types that each is about."""
    found: dict[str, set[str]] = {}
    for type_, checks in resource_registry.checks.items():
        for check in checks:
            found.setdefault(check.id, set()).add(type_)
    for check in _graph_registry().checks:
        found.setdefault(check.id, set()).update(check.resource_types)
    return {id_: types for id_, types in found.items() if fnmatchcase(id_, "CKV*_GCP_*")}


def silent(plans: dict[str, Plan], judged: dict[str, int]) -> set[str]:
    """The checks that judged nothing, although the estate has what they are about."""
    has = {one["type"] for plan in plans.values() for one in resources_of(plan)}
    return {id_ for id_, types in built_in().items() if types & has and id_ not in judged}


def test_every_check_of_checkov_that_applies_is_on(plans: dict[str, Plan], facts: Facts) -> None:
    judged = scan_plans(plans, facts).judged
    assert len(built_in().keys() & judged.keys()) > len(NOT_ON_PLANS)
    assert silent(plans, judged) == NOT_ON_PLANS.keys()
    off = {id_: count for id_, count in judged.items() if id_ != "CKV_GCP_43"}
    assert silent(plans, off) == {*NOT_ON_PLANS, "CKV_GCP_43"}


def test_a_plan_by_terraform_is_judged_as_the_estate_applied_in_this_process(
    deployed: Path, plans: dict[str, Plan], facts: Facts
) -> None:
    graph = Graph.read(deployed / "cdktf.out").select(["data"])
    with opened("sandbox", deployed) as target:
        real = plans_of(Run(target, Quiet()), graph)
    assert set(real) == set(graph.stacks)
    wanted = {name: plans[name] for name in real}
    assert scan_plans(real, facts) == scan_plans(wanted, facts)
    broken = {name: _without_key(plan) for name, plan in real.items()}
    assert len(scan_plans(broken, facts).findings) > len(scan_plans(real, facts).findings)


def _without_key(plan: Plan) -> Plan:
    plan = copy.deepcopy(plan)
    for one in resources_of(plan):
        if one["type"] == "google_storage_bucket":
            one["values"]["encryption"] = []
    return plan


def test_a_waiver_covers_its_rule_and_its_places_until_its_end() -> None:
    found = [finding()]
    assert judge(found, [waiver()], today=TODAY, whole=True).clean
    assert judge(found, [waiver(address="logging: *")], today=TODAY, whole=True).open == found
    late = judge(found, [waiver()], today=TODAY + timedelta(days=1), whole=True)
    assert (late.open, late.expired) == (found, [waiver()])
    assert not late.clean


def test_a_waiver_that_matches_nothing_is_stale_but_only_for_who_saw_everything() -> None:
    assert judge([], [waiver()], today=TODAY, whole=True).stale == [waiver()]
    assert judge([], [waiver()], today=TODAY, whole=False).clean


@pytest.mark.parametrize("key", ROW)
def test_a_row_that_lacks_something_is_named(tmp_path: Path, key: str) -> None:
    row = {k: v for k, v in ROW.items() if k != key}
    (tmp_path / "waivers.yaml").write_text("- {" + ", ".join(f'{k}: "{v}"' for k, v in row.items()) + "}")
    with pytest.raises(NotUsable, match=f"waivers.yaml row 1: lacks {key}"):
        read_waivers(tmp_path / "waivers.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {rule: a, address: b, reason: c, owner: d, until: soon}", "row 1.until: 'soon' is no date"),
        (
            "- {rule: a, address: b, reason: c, owner: d, until: 2027-05-31 10:00:00}",
            "'2027-05-31 10:00:00' is no date",
        ),
        ("- {rule: a, address: b, reason: '', owner: d, until: 2027-01-01}", "row 1.reason: is empty"),
        ("- word", "row 1: is no row"),
        ("rule: a", "is not a list of rows"),
        ("[", "cannot be read"),
    ],
)
def test_a_row_that_is_none_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "waivers.yaml").write_text(text)
    with pytest.raises(NotUsable, match=told):
        read_waivers(tmp_path / "waivers.yaml")


def test_the_command_judges_a_folder_a_plan_and_says_no(tmp_path: Path) -> None:
    import policies

    folder = tmp_path / "mine"
    folder.mkdir()
    rule = Path(policies.__file__).parent / "no_public_members"
    (folder / "main.tf").write_text((rule / "fail.tf").read_text())
    said = blueprint("policy", "check", str(folder), *EXAMPLE, cwd=tmp_path)
    assert (said.returncode, "no_public_members" in said.stdout) == (4, True)
    (folder / "main.tf").write_text((rule / "pass.tf").read_text())
    assert blueprint("policy", "check", str(folder), *EXAMPLE, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("plan.json", "{", "is no plan in JSON"),
        ("main.tf", "resource {{{", "cannot be parsed"),
        ("open/main.tf.json", "{}", "open/main.tf.json: is Terraform in JSON, which cannot be judged as it is;"),
    ],
)
def test_the_command_names_what_it_cannot_read(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    path = tmp_path if "main.tf" in name else tmp_path / name
    if name != "main.tf":
        (tmp_path / "sound.tf").write_text("")
    said = blueprint("policy", "check", str(path), *EXAMPLE, cwd=tmp_path)
    assert (said.returncode, told in said.stderr) == (2, True), said.stderr


def test_a_change_of_one_value_is_a_finding(plans: dict[str, Plan], facts: Facts) -> None:
    (one, *_) = (r for r in resources_of(plans["data"]) if r["type"] == "google_project_iam_member")
    broken = plans | {"data": changed(plans["data"], {one["address"]: one["values"] | {"member": "allUsers"}})}
    new = scan_plans({"data": broken["data"]}, facts, only=("no_public_members",)).findings
    assert [found.address for found in new] == [one["address"]]
