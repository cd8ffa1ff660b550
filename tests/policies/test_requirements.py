"""Requirements that rules hold: the estate and the catalog pass, and what breaks a requirement is found by a rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policies.rule import Facts
from policies.scanning import scan_folder, scan_plans
from policies.waivers import judge, read_waivers
from tests.conftest import ROOT
from tests.mutation.defects import defects
from tests.mutation.operators import table
from tests.plans import Plan, changed, resources_of

TEMPLATES = sorted(path.parent for path in (ROOT / "catalog_templates").glob("*/main.tf"))
EACH = 3
# The platform fills in labels, regions and versions when a template is ordered; only the plan of the order tells them.
FILLED_IN = {
    *("composer_is_pinned", "messages_stay_in_the_region"),
    *("resources_say_their_environment", "secrets_stay_in_the_region"),
}


def open_findings(plans: dict[str, Plan], facts: Facts) -> set[str]:
    """Rules that are broken in plans, waivers left aside."""
    found = scan_plans(plans, facts).findings
    return {one.rule for one in judge(found, read_waivers(), today=date.min, whole=False).open}


def missed(plans: dict[str, Plan], facts: Facts, *names: str, each: int | None = EACH) -> list[str]:
    """Defects of these operators, a few of each or all, that no rule finds."""
    operators = [one for one in table() if one.name in names]
    assert {one.name for one in operators} == set(names)
    out = []
    for operator in operators:
        planted = list(defects(plans, [operator]))[:each]
        assert planted
        for one in planted:
            broken = {one.stack: changed(plans[one.stack], {one.address: one.after, **one.added})}
            out += [] if open_findings(broken, facts) else [str(one)]
    return out


@pytest.mark.proves("SC1", "SC5", defect="a template whose bucket is open to the public")
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_template_passes_the_same_rules_as_the_stacks(template: Path, facts: Facts, tmp_path: Path) -> None:
    found = scan_folder(template, facts).findings
    left = judge(found, read_waivers(), today=date.min, whole=False).open
    assert [f"{one.place}: {one.sentence}" for one in left if one.rule not in FILLED_IN] == []
    for file in template.glob("*.tf"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "planted.tf").write_text((ROOT / "policies/bucket_is_closed_to_the_public/fail.tf").read_text())
    assert "bucket_is_closed_to_the_public" in {one.rule for one in scan_folder(tmp_path, facts).findings}


@pytest.mark.proves("A6a", "P3e", defect="an image of a public registry, or of another project")
def test_images_come_from_the_artifacts_project_only(plans: dict[str, Plan], facts: Facts) -> None:
    assert open_findings(plans, facts) == set()
    assert missed(plans, facts, "image: of a public registry", "image: of another project") == []


@pytest.mark.proves("A6b", defect="a build that comes from no connected repository")
def test_what_is_built_comes_from_a_connected_repository(plans: dict[str, Plan], facts: Facts) -> None:
    triggers = [r["values"] for r in resources_of(plans["delivery-triggers"]) if "_trigger" in r["type"]]
    assert triggers and all(one.get("repository_event_config") or one.get("source_to_build") for one in triggers)
    assert missed(plans, facts, "build: from nowhere") == []


@pytest.mark.proves("P3b", defect="a registry whose tags can be moved")
def test_tags_of_own_images_never_move(plans: dict[str, Plan], facts: Facts) -> None:
    own = [r["values"] for r in resources_of(plans["artifacts"]) if r["values"].get("docker_config")]
    assert own and all(one["docker_config"][0]["immutable_tags"] for one in own)
    assert missed(plans, facts, "registry: tags move") == []


@pytest.mark.proves("P3d", defect="a build that starts a job with web access")
def test_nobody_gets_a_shell_in_a_running_job(plans: dict[str, Plan], facts: Facts) -> None:
    assert "enableWebAccess" not in str(plans)
    assert missed(plans, facts, "build: opens a shell into jobs") == []


@pytest.mark.proves("G2a", "G4a", "P1b", "P2c", defect="a trigger that publishes, promotes or applies without approval")
def test_what_changes_templates_images_or_production_waits_for_approval(plans: dict[str, Plan], facts: Facts) -> None:
    grants = [r["values"] for r in resources_of(plans["delivery"]) + resources_of(plans["groups"])]
    approvers = {g["member"].rpartition("-")[0] + g["project"][-9:-5] for g in grants if _approves(g)}
    assert len(approvers) == 2
    names = ("build: without approval", "build: approval taken out", "build: straight into production")
    assert missed(plans, facts, *names, each=None) == []


def _approves(values: dict[str, object]) -> bool:
    return values.get("role") == "roles/cloudbuild.builds.approver"


@pytest.mark.proves("I4c", defect="a door for any identity or to everywhere, a way out through the firewall")
def test_data_has_no_way_out_of_the_interactive_environment(plans: dict[str, Plan], facts: Facts) -> None:
    assert open_findings(plans, facts) == set()
    doors = ("door: for any identity", "door: to every project", "door: for every service")
    assert missed(plans, facts, *doors, "firewall: lets the world through", "route: to everywhere") == []


@pytest.mark.proves("I3b", "I3c", defect="an entitlement that the borrower approves, or that lasts for a month")
def test_source_data_is_lent_by_its_owner_and_for_hours(plans: dict[str, Plan], facts: Facts) -> None:
    lent = [r for r in resources_of(plans["data"]) if r["type"] == "google_privileged_access_manager_entitlement"]
    assert len(lent) >= 2
    assert missed(plans, facts, "lending: approved by who borrows", "lending: for a month") == []


@pytest.mark.proves("D8", defect="a notebook, a writing person or the catalog in an operational project")
def test_people_only_look_at_operational_projects(plans: dict[str, Plan], facts: Facts) -> None:
    assert open_findings(plans, facts) == set()
    names = ("notebook: in operations", "grant: people write in operations", "grant: the catalog in operations")
    assert missed(plans, facts, *names) == []


@pytest.mark.proves("A5b", defect="a list that permits every model of a publisher")
def test_only_listed_models_are_permitted(plans: dict[str, Plan], facts: Facts) -> None:
    lists = [r for r in resources_of(plans["organization"]) if "vertexai.allowedModels" in str(r["values"].get("name"))]
    assert len(lists) >= 3
    assert missed(plans, facts, "policy: every model of a publisher", "policy: no model is named") == []


@pytest.mark.proves("GO-govern-4", defect="a service whose reads are not logged, a person who is left out")
def test_reads_and_writes_are_logged_for_everybody(plans: dict[str, Plan], facts: Facts) -> None:
    assert open_findings(plans, facts) == set()
    names = ("audit: reading is not logged", "audit: somebody is left out", "logs: kept for a month", "sink: off")
    assert missed(plans, facts, *names, "bucket: retention is not locked") == []
