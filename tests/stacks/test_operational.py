"""Operational projects: only pipelines write, and production is nonproduction once more."""

import json
import re

from pipelines.flow import read_flow
from pipelines.served import FLOWS, features_of
from settings.loading import names_of
from settings.model import Installation
from tests.conftest import ROOT
from tests.estate import Estate
from tests.resolved import READERS, grants, resolved, team_stacks

PROMOTION = ("crossing-production", "registry", "models")


def test_production_holds_what_nonproduction_holds_and_the_way_models_come(
    estate: Estate, installation: Installation
) -> None:
    def parts(stack: str) -> set[str]:
        made = [r for r in estate.resources(stack=stack) if not str(r.values.get("member")).startswith("group:")]
        return {re.sub("_[0-9A-F]{8}$", "", r.address.replace("nonproduction", "production")) for r in made}

    for team in installation.teams:
        before, after = parts(f"nonproduction-{team}"), parts(f"production-{team}")
        judges = {part for part in before if ".judges-" in part}
        assert bool(judges) == (installation.teams[team].purpose == "generative")
        assert before - judges < after, "releases are judged in nonproduction"
        assert all(any(word in part for word in PROMOTION) for part in after - before)


def test_builds_that_judge_ask_models_and_do_nothing_else(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    change, signing, builder = (
        f"serviceAccount:{names.service_account('common', 'delivery-w', key)}"
        for key in ("change-check", "signing-assistant", "operational-assistant")
    )
    held = {
        (member, role)
        for environment, team in team_stacks(installation, "operational")
        for _, role, member in grants(estate, f"{environment}-{team}")
        if member in (change, signing)
    }
    assert held == {(change, names.role("judge")), (signing, names.role("judge"))}
    type_ = "google_access_context_manager_service_perimeter_*gress_policy"
    doors = [r.values for r in estate.resources(type_, "nonproduction-assistant") if ".judges-" in r.address]
    assert len(doors) in (2, 4)
    for door in doors:
        came, went = (door.get(f"egress_{way}") or door[f"ingress_{way}"] for way in ("from", "to"))
        assert (came["identities"], went["roles"]) == (sorted([change, signing, builder]), [names.role("judge")])


def test_only_the_builder_writes_definitions(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    for environment, team in team_stacks(installation, "operational"):
        bucket = names.bucket(environment, team, "definitions")
        held = {
            member: role
            for resource, role, member in grants(estate, f"{environment}-{team}")
            if resource.type == "google_storage_bucket_iam_member" and resolved(estate, resource, "bucket") == bucket
        }
        builder = names.service_account("common", "delivery-w", f"operational-{team}")
        pipeline = names.service_account(environment, team, "pipeline")
        assert held == {
            f"serviceAccount:{builder}": "roles/storage.objectUser",
            f"serviceAccount:{pipeline}": "roles/storage.objectViewer",
            f"group:{names.group('data_scientist', team)}": "roles/storage.objectViewer",
        }


def test_the_builder_writes_to_no_interactive_project(estate: Estate, installation: Installation) -> None:
    for team in installation.teams:
        builder = names_of(installation).service_account("common", "delivery-w", f"operational-{team}")
        assert builder not in json.dumps(estate.documents[f"interactive-{team}"])


def test_a_pipeline_reads_the_sources_of_its_team_and_nothing_more(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    for environment, team in team_stacks(installation, "operational"):
        found: dict[str, set[str]] = {}
        for resource, role, member in grants(estate, f"{environment}-{team}"):
            project = str(resolved(estate, resource, "project"))
            if project.startswith(names.project("data", "xx").partition("xx")[0]):
                assert member == f"serviceAccount:{names.service_account(environment, team, 'pipeline')}"
                found.setdefault(project, set()).add(role)
        sources = installation.teams[team].sources
        assert found == {names.project("data", s): READERS[installation.sources[s].kind] for s in sources}


def test_the_orchestrator_is_the_one_the_team_chose(estate: Estate, installation: Installation) -> None:
    for environment, team in team_stacks(installation, "operational"):
        made = estate.resources("google_composer_environment", f"{environment}-{team}")
        assert len(made) == (installation.teams[team].orchestrator == "composer")
    for team in installation.teams:
        assert not estate.resources("google_composer_environment", f"interactive-{team}")


def test_composer_is_private_pinned_and_reads_the_definitions(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    for made in estate.resources("google_composer_environment"):
        environment, _, team = made.stack.partition("-")
        config = made.values["config"]
        assert config["enable_private_environment"]
        assert config["enable_private_builds_only"]
        tested = re.search(r"apache-airflow==([\d.]+)", (ROOT / "requirements/airflow.in").read_text())
        assert tested
        assert config["software_config"]["image_version"].startswith(f"composer-3-airflow-{tested[1]}-build.")
        assert config["node_config"]["network"] == names.network_link(environment)
        assert resolved(estate, made, "storage_config")["bucket"] == names.bucket(environment, team, "definitions")
        account = resolved(estate, made, "config")["node_config"]["service_account"]
        assert account == names.service_account(environment, team, "composer")
        waited = " ".join(made.values["depends_on"])
        assert all(word in waited for word in ("orchestrator_worker", "orchestrator_agent", "orchestrator_attachments"))


def test_endpoints_are_reached_privately_by_named_projects(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    for environment, team in team_stacks(installation, "operational"):
        made = estate.resources("google_vertex_ai_endpoint", f"{environment}-{team}")
        assert {e.values["name"] for e in made} == {
            names.endpoint(environment, team, key) for key in installation.teams[team].endpoints
        }
        for endpoint in made:
            assert endpoint.values["name"].isdigit()
            assert len(endpoint.values["name"]) <= 10
            private = endpoint.values["private_service_connect_config"]
            assert private["enable_private_service_connect"]
            assert sorted(private["project_allowlist"]) == sorted(
                [names.project(environment, team), names.project(environment, "network")]
            )


def test_a_feature_store_is_where_a_team_asks_for_one(estate: Estate, installation: Installation) -> None:
    for environment, team in team_stacks(installation):
        views = estate.resources("google_vertex_ai_feature_online_store_featureview", f"{environment}-{team}")
        assert len(views) == installation.teams[team].feature_store
        for view in views:
            assert view.values["sync_config"]["cron"]
            (group,) = view.values["feature_registry_source"]["feature_groups"]
            registered = estate.resources("google_vertex_ai_feature_group_feature", f"{environment}-{team}")
            assert {one.values["name"] for one in registered} == set(features_of(team))
            assert len(group["feature_ids"]) == len(registered)
        stores = estate.resources("google_vertex_ai_feature_online_store", f"{environment}-{team}")
        assert all("bigtable" in store.values for store in stores), (
            "who serves reaches Vertex AI's API, and no endpoint"
        )


def test_a_team_without_a_flow_has_no_features_to_serve_yet() -> None:
    assert features_of("nobody") == []
    flows = [path.parent.name for path in FLOWS.glob("*/flow.yaml")]
    assert flows and all(features_of(flow) == read_flow(flow).inputs for flow in flows)


def test_production_reads_models_of_nonproduction_and_writes_nothing_there(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    for team in installation.teams:
        before = names.project("nonproduction", team)
        held = {
            role
            for resource, role, _ in grants(estate, f"production-{team}")
            if before in str(resolved(estate, resource, "project")) + str(resource.values.get("bucket"))
        }
        assert held == {"roles/aiplatform.viewer", "roles/storage.objectViewer"}
        assert names.project("production", team) not in json.dumps(estate.documents[f"nonproduction-{team}"])


def test_no_notebook_and_no_launcher_exists_in_an_operational_project(
    estate: Estate, installation: Installation
) -> None:
    for environment, team in team_stacks(installation, "operational"):
        accounts = {a.values["account_id"] for a in estate.resources("google_service_account", f"{environment}-{team}")}
        assert accounts <= {"pipeline", "serving", "composer"}
        assert not estate.resources("google_workbench_instance", f"{environment}-{team}")
