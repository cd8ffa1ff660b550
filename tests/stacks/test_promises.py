"""What the platform promises as a whole: its layers, its kinds of people and teams, how changes travel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from google.cloud.devtools.cloudbuild_v1 import BuildTrigger

from operations.builds.events import Event, starts
from operations.graph import Graph
from settings.loading import names_of
from settings.model import Installation
from tests.estate import Estate, Resource
from tests.resolved import resolved

KINDS = ("mlops_engineer", "devops_engineer", "data_scientist", "data_engineer")
PIPELINES = {"infrastructure", "interactive", "container", "operational"}
# From the ground up; a stack needs only what lies below it, or beside it.
LAYERS = (
    ("bootstrap", "organization", "groups"),
    ("keys-*", "logging", "perimeter-*"),
    ("network-*", "artifacts", "catalog", "data"),
    ("delivery", "delivery-triggers", "interactive-*", "nonproduction-*", "production-*"),
    ("exchange", "observability"),
)


def upward(graph: Graph) -> set[tuple[str, str]]:
    """Stacks that need one of a higher layer, with that one."""
    layer = {name: height for height, globs in enumerate(LAYERS) for name in graph.matching(globs)}
    assert set(layer) == set(graph.stacks)
    return {(n, need) for n, plan in graph.stacks.items() for need in plan.needs if layer[need] > layer[n]}


@pytest.mark.proves("D1", defect="keys that need a team's project, two stacks with one state")
def test_layers_rest_on_each_other_and_each_stack_has_a_state_of_its_own(estate: Estate) -> None:
    graph = Graph.read(estate.folder)
    assert upward(graph) == set()
    assert len({plan.state_object() for plan in graph.stacks.values()}) == len(graph.stacks)
    spoiled = replace(graph.stacks["keys-production"], needs=frozenset({"production-churn"}))
    assert upward(Graph(graph.stacks | {"keys-production": spoiled})) == {("keys-production", "production-churn")}


def missing_groups(estate: Estate, installation: Installation) -> set[str]:
    """Groups of the four kinds of people that no stack makes, and those that hold nothing anywhere."""
    names = names_of(installation)
    wanted = {names.group(kind, None) for kind in KINDS if kind != "data_scientist"}
    wanted |= {names.group("data_scientist", team) for team in installation.teams}
    made = {str(g.values["group_key"]["id"]) for g in estate.resources("google_cloud_identity_group")}
    holders = {str(resolved(estate, grant, "member")) for grant in estate.resources("google_*_iam_member")}
    rightless = {group for group in wanted if not any(group in member for member in holders)}
    return (wanted - made) | {group for group in rightless if not _named(estate, group)}


def _named(estate: Estate, group: str) -> bool:
    """Whether a grant names a group by reference to the resource that makes it."""
    made = [g for g in estate.resources("google_cloud_identity_group") if g.values["group_key"]["id"] == group]
    members = [str(grant.values["member"]) for grant in estate.resources("google_*_iam_member")]
    return any(f"{one.address}." in member for one in made for member in members)


@pytest.mark.proves("D6", defect="a group of data engineers that is gone")
def test_a_deployment_makes_the_four_kinds_of_groups_with_their_rights(
    estate: Estate, installation: Installation
) -> None:
    assert missing_groups(estate, installation) == set()
    (engineers,) = (g for g in estate.resources("google_cloud_identity_group") if "data-engineer" in g.address)
    gone = estate.planted("groups", engineers.address, None)
    assert missing_groups(gone, installation) == {names_of(installation).group("data_engineer", None)}


def kinds_without_team(it: Installation) -> set[str]:
    """Kinds of models and of orchestrators of which no team is."""
    missing = {"predictive", "generative"} - {team.purpose for team in it.teams.values()}
    return missing | ({"composer", "vertex"} - {team.orchestrator for team in it.teams.values()})


@pytest.mark.proves("D3", defect="an installation without its generative team")
def test_there_is_a_team_for_predictive_and_one_for_generative_models(
    estate: Estate, installation: Installation
) -> None:
    assert kinds_without_team(installation) == set()
    for team in installation.teams:
        for environment in installation.environments:
            assert estate.resources("google_project", f"{environment}-{team}")
    alone = installation.model_copy(update={"teams": {"churn": installation.teams["churn"]}})
    assert kinds_without_team(alone) == {"generative", "vertex"}


def pipelines_of(estate: Estate) -> set[str]:
    """The pipelines of which there is a trigger, by the folder that its build comes from."""
    triggers = estate.resources("google_cloudbuild_trigger")
    return {str(t.values["description"]).rpartition(": ")[2].split("/")[1] for t in triggers}


@pytest.mark.proves("D11", defect="a container pipeline whose triggers are gone")
def test_four_pipelines_have_triggers(estate: Estate) -> None:
    assert pipelines_of(estate) == PIPELINES
    spoiled = estate
    for trigger in estate.resources("google_cloudbuild_trigger"):
        if "container" in trigger.values["name"]:
            spoiled = spoiled.planted(trigger.stack, trigger.address, None)
    assert pipelines_of(spoiled) == PIPELINES - {"container"}


def deployers_of(estate: Estate, team: str, branch: str) -> list[str]:
    """The triggers that a merge into a branch of a team's repository starts."""
    merged = Event("push", branch, "0" * 40, files=("pipelines/flow.yaml",))
    return [t.values["name"] for t in _of_team(estate, team) if starts(_for_google(t), merged)]


def _of_team(estate: Estate, team: str) -> Iterator[Resource]:
    for trigger in estate.resources("google_cloudbuild_trigger"):
        if trigger.values["name"].endswith(f"-{team}"):
            yield trigger


def _for_google(trigger: Resource) -> BuildTrigger:
    config = trigger.values.get("repository_event_config") or {}
    push = {"branch": config["push"]["branch"]} if "push" in config else None
    return BuildTrigger(repository_event_config={"push": push} if push else {})


@pytest.mark.proves("O2", defect="a trigger that listens to another branch")
def test_a_merge_into_the_deployment_branch_starts_the_operational_pipeline_and_nothing_else_does(
    estate: Estate, installation: Installation
) -> None:
    branch = installation.organization.repositories.deployment_branch
    for team in installation.teams:
        started = deployers_of(estate, team, branch)
        assert started and all(name.startswith("operational-") for name in started)
        assert deployers_of(estate, team, "feature") == []
        spoiled = estate
        for trigger in _of_team(estate, team):
            if trigger.values["name"] in started:
                config = trigger.values["repository_event_config"] | {"push": {"branch": "^feature$"}}
                spoiled = spoiled.planted(trigger.stack, trigger.address, {"repository_event_config": config})
        assert deployers_of(spoiled, team, branch) == []


def touching_sources(estate: Estate, installation: Installation) -> set[str]:
    """Stacks of people's projects whose destruction would reach source data: what they make lies in a source."""
    projects = {names_of(installation).project("data", key) for key in installation.sources}
    kept = ("google_project", "google_storage_bucket", "google_bigquery_dataset", "google_bigquery_table")
    return {
        one.stack
        for type_ in kept
        for one in estate.resources(type_, "interactive-*")
        if {one.values.get("project_id"), resolved(estate, one, "project")} & projects
    }


@pytest.mark.proves("I3a", defect="an interactive stack that makes a bucket in a source's project")
def test_taking_down_every_interactive_project_leaves_source_data_alone(
    estate: Estate, installation: Installation
) -> None:
    graph = Graph.read(estate.folder)
    assert "data" not in graph.dependents(["interactive-*"]).stacks
    assert graph.stacks["data"].state_object() not in {
        plan.state_object() for name, plan in graph.stacks.items() if name.startswith("interactive-")
    }
    assert touching_sources(estate, installation) == set()
    project = names_of(installation).project("data", "customers")
    spoiled = estate.planted("interactive-churn", "google_storage_bucket.copy", {"project": project})
    assert touching_sources(spoiled, installation) == {"interactive-churn"}
