"""Team projects, interactive and operational: identities, keys, perimeters, budgets."""

import json
import re
from pathlib import Path

import yaml

from catalog_templates.template import read_all as read_templates
from settings.loading import names_of
from settings.model import Installation
from settings.names import COMMON
from tests.conftest import ROOT
from tests.estate import Estate, Resource
from tests.resolved import grants, resolved, team_stacks

DEFAULT_ACCOUNTS = ("developer.gserviceaccount.com", "@cloudbuild.gserviceaccount.com", "appspot")
KEYED = {
    "google_storage_bucket": "storage",
    "google_bigquery_dataset": "bigquery",
    "google_bigquery_table": "bigquery",
    "google_pubsub_topic": "pubsub",
    "google_secret_manager_secret": "secretmanager",
    "google_vertex_ai_endpoint": "aiplatform",
    "google_vertex_ai_metadata_store": "aiplatform",
    "google_vertex_ai_tensorboard": "aiplatform",
    "google_composer_environment": "composer",
}
LOOKING = re.compile(r"roles/([a-z]+\.)?([a-z]*[vV]iewer|browser)$")


def crossings(estate: Estate, installation: Installation) -> list[Resource]:
    type_ = "google_access_context_manager_service_perimeter_*gress_policy"
    stacks = [f"{environment}-{team}" for environment, team in team_stacks(installation)]
    return [rule for stack in stacks for rule in estate.resources(type_, stack)]


def test_every_team_has_a_project_in_every_environment_with_what_model_work_needs(
    estate: Estate, installation: Installation
) -> None:
    for environment, team in team_stacks(installation):
        stack = f"{environment}-{team}"
        (project,) = estate.resources("google_project", stack)
        assert project.values["project_id"] == names_of(installation).project(environment, team)
        assert project.values["deletion_policy"] == "PREVENT"
        apis = {api.values["service"] for api in estate.resources("google_project_service", stack)}
        assert {f"{api}.googleapis.com" for api in ("aiplatform", "bigquery", "storage", "compute")} <= apis


def test_every_team_project_has_its_budget(estate: Estate, installation: Installation) -> None:
    for environment, team in team_stacks(installation):
        (budget,) = estate.resources("google_billing_budget", f"{environment}-{team}")
        amount = budget.values["amount"]["specified_amount"]
        assert int(amount["units"]) == {str(k): v for k, v in installation.teams[team].budget.items()}[environment]


def test_everything_of_a_team_is_kept_with_the_services_own_key_of_its_environment(
    estate: Estate, installation: Installation
) -> None:
    for environment, team in team_stacks(installation):
        found = 0
        for type_, service in KEYED.items():
            for resource in estate.resources(type_, f"{environment}-{team}"):
                text = json.dumps({key: resolved(estate, resource, key) for key in resource.values})
                composer = "-definitions" in text and installation.teams[team].orchestrator == "composer"
                ring = names_of(installation).key_ring(environment, installation.organization.region)
                wanted = f"{ring}/cryptoKeys/{'composer' if composer else service}"
                assert wanted in text, resource.address
                found += 1
        assert found >= 5


def test_no_default_service_account_holds_anything(estate: Estate, installation: Installation) -> None:
    for environment, team in team_stacks(installation):
        for resource, _, member in grants(estate, f"{environment}-{team}"):
            assert not any(word in member for word in DEFAULT_ACCOUNTS), resource.address


def test_no_identity_acts_as_one_of_another_environment(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    for environment, team in team_stacks(installation):
        home = names.project(environment, team)
        builders = [("delivery-w", f"operational-{team}"), ("delivery-i", "order-desk")]
        builder = names.service_account("common", *builders[environment == "interactive"])
        for resource in estate.resources("google_service_account_iam_member", f"{environment}-{team}"):
            assert home in str(resolved(estate, resource, "service_account_id"))
            member = str(resolved(estate, resource, "member"))
            assert (
                home in member
                or member.startswith(("group:", "${google_project_service_identity."))
                or member == f"serviceAccount:{builder}"
            ), resource.address


def test_a_data_scientist_acts_as_the_notebook_and_as_nothing_else(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    acted = {
        (resolved(estate, r, "member"), resolved(estate, r, "service_account_id").rpartition("/")[2])
        for r in estate.resources("google_service_account_iam_member")
        if str(resolved(estate, r, "member")).startswith("group:grp-acme-data-scientist")
    }
    assert acted == {
        (f"group:{names.group('data_scientist', team)}", names.service_account("interactive", team, "notebook"))
        for team in installation.teams
    }


def test_nobody_grants_access_in_a_team_project(estate: Estate, installation: Installation) -> None:
    for environment, team in team_stacks(installation):
        for resource, role, member in grants(estate, f"{environment}-{team}"):
            if member.startswith("group:"):
                assert not re.search(r"[aA]dmin|[oO]wner|[eE]ditor|projectIam", role), resource.address


def test_people_only_look_at_operational_projects(estate: Estate, installation: Installation) -> None:
    seen = 0
    for environment, team in team_stacks(installation, "operational"):
        for resource, role, member in grants(estate, f"{environment}-{team}"):
            if member.startswith("group:"):
                assert LOOKING.match(role), resource.address
                seen += 1
    assert seen


def test_a_team_reaches_no_project_of_another_team(estate: Estate, installation: Installation) -> None:
    for environment, team in team_stacks(installation):
        text = json.dumps(estate.documents[f"{environment}-{team}"])
        for other in set(installation.teams) - {team}:
            assert names_of(installation).group("data_scientist", other) not in text
            assert names_of(installation).project(environment, other) not in text


def test_nothing_crosses_a_perimeter_for_anyone_or_by_any_method(estate: Estate, installation: Installation) -> None:
    assert crossings(estate, installation)
    for rule in crossings(estate, installation):
        came = rule.values.get("egress_from") or rule.values["ingress_from"]
        went = rule.values.get("egress_to") or rule.values["ingress_to"]
        assert came["identities"]
        assert "identity_type" not in came
        assert "*" not in went["resources"]
        assert went.get("roles") or went["operations"]
        if went.get("roles"):  # a door of the deploying identity, or of builds that judge
            kind = installation.environments[rule.stack.partition("-")[0]].kind
            deployer = [f"serviceAccount:{names_of(installation).deployer(kind)}"]
            assert (came["identities"] == deployer) != (went["roles"] == [names_of(installation).role("judge")])
        for operation in went.get("operations", ()):
            assert operation["service_name"] != "*"
            called = [value for selector in operation["method_selectors"] for value in selector.values()]
            assert called
            assert "*" not in called
        if "ingress_from" in rule.values:
            assert all("resource" in source for source in came["sources"])


def test_people_cross_only_to_read_the_sources_of_their_team(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    crossed = set()
    for rule in crossings(estate, installation):
        came = rule.values.get("egress_from") or rule.values["ingress_from"]
        if not any(identity.startswith("group:") for identity in came["identities"]):
            continue
        environment, _, team = rule.stack.partition("-")
        assert came["identities"] == [f"group:{names.group('data_scientist', team)}"]
        went = json.dumps(rule.values.get("egress_to") or rule.values["ingress_to"])
        assert not re.search(r"create\b(?!_)|delete|update|write", went.replace("readsessions.create", ""))
        crossed.add((environment, team, rule.values["title"].rpartition(" ")[2]))
    assert crossed == {
        ("interactive", team, names.project("data", source))
        for team, model in installation.teams.items()
        for source in model.sources
    }


def test_images_are_read_and_nothing_else_is_done_with_them(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    artifacts = names.project("common", "artifacts")
    for environment, team in team_stacks(installation):
        roles: dict[str, set[str]] = {}
        for resource, role, member in grants(estate, f"{environment}-{team}"):
            if resolved(estate, resource, "project") == artifacts:
                roles.setdefault(member, set()).add(role)
        assert f"serviceAccount:{names.service_account(environment, team, 'pipeline')}" in roles
        assert all(held == {"roles/artifactregistry.reader"} for held in roles.values())


def test_the_git_token_is_due_for_rotation_without_changing_every_plan(
    estate: Estate, installation: Installation
) -> None:
    for _, team in team_stacks(installation, "interactive"):
        (secret,) = estate.resources("google_secret_manager_secret", f"interactive-{team}")
        assert secret.values["rotation"]["rotation_period"]
        assert secret.values["lifecycle"]["ignore_changes"] == ["rotation[0].next_rotation_time"]
        (waiting,) = estate.resources("google_pubsub_subscription", f"interactive-{team}")
        assert waiting.values["expiration_policy"] == {"ttl": ""}


def test_each_template_has_a_deployer_of_its_own_with_the_roles_of_its_manifest(
    estate: Estate, installation: Installation
) -> None:
    """I2: launches act as the template's identity, which holds what the template needs and nothing else."""
    names = names_of(installation)
    for _, team in team_stacks(installation, "interactive"):
        for key, template in read_templates().items():
            role = f"launch-{key}".replace("_", "-")
            member = f"serviceAccount:{names.service_account('interactive', team, role)}"
            held = {
                role
                for resource, role, who in grants(estate, f"interactive-{team}")
                if who == member and resource.values.get("project") != names.project(COMMON, "catalog")
                if resource.type == "google_project_iam_member"
            }
            assert held == {names.role("launch_agent"), *template.manifest.deployer.roles}, key


def test_nobody_but_the_launcher_acts_as_a_deployer_and_only_the_desk_takes_the_launcher(
    estate: Estate, installation: Installation
) -> None:
    """W7: a person holds no right to use the identities that make things."""
    names = names_of(installation)
    for _, team in team_stacks(installation, "interactive"):
        launcher = f"serviceAccount:{names.service_account('interactive', team, 'launcher')}"
        desk = names.service_account(COMMON, "delivery-i", "order-desk")
        for resource in estate.resources("google_service_account_iam_member", f"interactive-{team}"):
            of = str(resource.values["service_account_id"])
            if "launch-" in of:
                assert resolved(estate, resource, "member") == launcher
            if "launcher_account" in of:
                taken = (resolved(estate, resource, "member"), resource.values["role"])
                assert taken == (f"serviceAccount:{desk}", "roles/iam.serviceAccountTokenCreator")


def test_the_launcher_and_the_deployers_read_the_catalog_and_nothing_else_outside(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    for _, team in team_stacks(installation, "interactive"):
        outside = {
            (role, resource.values.get("project"))
            for resource, role, member in grants(estate, f"interactive-{team}")
            if ":launch" in member
            and resource.type in ("google_project_iam_member", "google_storage_bucket_iam_member")
            # Its own project and bucket are references.
            and not str(resource.values.get("project") or resource.values.get("bucket")).startswith("${")
        }
        assert outside == {("roles/storage.objectViewer", names.project(COMMON, "catalog"))}


def test_the_roles_of_workloads_are_never_basic_and_never_grant_roles() -> None:
    table = yaml.safe_load(Path(ROOT / "stacks/workloads.yaml").read_text())
    for roles in table["roles"].values():
        assert not {"roles/owner", "roles/editor", "roles/viewer", "roles/resourcemanager.projectIamAdmin"} & set(roles)
