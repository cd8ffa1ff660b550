"""Source data: lent by its owner, read-only to everybody, in projects of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from settings.loading import names_of, read
from settings.model import Installation
from settings.problems import InvalidSettings
from stacks.source_kinds import Kind
from stacks.tables import table
from tests.conftest import ROOT
from tests.estate import Estate, Resource
from tests.resolved import READERS, resolved

HOUR = 60 * 60
CONTENT = {
    "bigquery": "google_bigquery_dataset",
    "storage": "google_storage_bucket",
    "spanner": "google_spanner_database",
    "alloydb": "google_alloydb_cluster",
}


def entitlements(estate: Estate) -> dict[str, Resource]:
    return {
        e.values["entitlement_id"].removeprefix("read-"): e
        for e in estate.resources("google_privileged_access_manager_entitlement", "data")
    }


def lent(entitlement: Resource) -> set[str]:
    access = entitlement.values["privileged_access"]["gcp_iam_access"]
    return {binding["role"] for binding in access["role_bindings"]}


@pytest.fixture(scope="session")
def four_kinds(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """An estate with one source of each kind, all read by one team."""
    settings = tmp_path_factory.mktemp("four") / "settings"
    shutil.copytree(ROOT / "settings", settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shared = {"description": "One of a kind", "owner": "owner@example.com", "maximum_access_hours": 4}
    ddl = ["CREATE TABLE orders (id STRING(36)) PRIMARY KEY (id)"]
    (settings / "sources" / "orders.yaml").write_text(yaml.safe_dump(shared | {"kind": "spanner", "ddl": ddl}))
    (settings / "sources" / "tickets.yaml").write_text(yaml.safe_dump(shared | {"kind": "alloydb"}))
    team = settings / "teams" / "assistant.yaml"
    changed = yaml.safe_load(team.read_text()) | {"sources": ["customers", "handbook", "orders", "tickets"]}
    team.write_text(yaml.safe_dump(changed))
    out = settings.parent / "out"
    subprocess.run([sys.executable, "-m", "stacks.app", str(settings), str(out)], check=True, cwd=ROOT)
    return Estate.read(out)


def test_only_the_owner_of_a_source_agrees_to_reading_it(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    for key, source in installation.sources.items():
        entitlement = entitlements(estate)[key].values
        (step,) = entitlement["approval_workflow"]["manual_approvals"]["steps"]
        assert step["approvers"]["principals"] == [f"group:{source.owner}"]
        (eligible,) = entitlement["eligible_users"]
        teams = [team for team, model in installation.teams.items() if key in model.sources]
        assert eligible["principals"] == sorted(f"group:{names.group('data_scientist', team)}" for team in teams)


def test_reading_is_lent_for_a_limited_time(estate: Estate, installation: Installation) -> None:
    for key, source in installation.sources.items():
        duration = entitlements(estate)[key].values["max_request_duration"]
        assert duration == f"{source.maximum_access_hours * HOUR}s"


def test_no_group_holds_a_standing_role_on_a_source(estate: Estate) -> None:
    members = [m.values["member"] for m in estate.resources("*_iam_member", "data")]
    assert members
    assert not [member for member in members if member.startswith("group:")]


def test_nobody_but_the_deployer_can_change_a_source(estate: Estate, installation: Installation) -> None:
    kinds = table(dict[str, Kind], "sources")
    policies = {resolved(estate, p, "parent"): p for p in estate.resources("google_iam_deny_policy", "data")}
    for key, source in installation.sources.items():
        project = names_of(installation).project("data", key)
        (policy,) = [p for parent, p in policies.items() if f"projects/{project}" in parent]
        (rule,) = policy.values["rules"]
        assert rule["deny_rule"]["denied_principals"] == ["principalSet://goog/public:all"]
        (exempt,) = rule["deny_rule"]["exception_principals"]
        assert exempt.endswith(names_of(installation).deployer("data"))
        assert set(rule["deny_rule"]["denied_permissions"]) == set(kinds[source.kind].refused)


def test_whoever_deploys_readers_can_hand_out_reading_only(estate: Estate) -> None:
    granters = [m for m in estate.resources("google_project_iam_member", "data") if "IamAdmin" in m.values["role"]]
    assert granters
    for granter in granters:
        expression = granter.values["condition"]["expression"]
        allowed = set(json.loads(expression.partition("hasOnly(")[2].rstrip(")").replace("'", '"')))
        assert allowed in READERS.values()


def test_classified_columns_are_tagged_and_nobody_reads_them_in_clear(
    estate: Estate, installation: Installation
) -> None:
    (table,) = estate.resources("google_bigquery_table", "data")
    columns = {column["name"]: column for column in json.loads(table.values["schema"])}
    for column in installation.sources["customers"].tables["contracts"].columns:  # type: ignore[union-attr]
        assert ("policyTags" in columns[column.name]) == bool(column.classification)
    assert len(estate.resources("google_bigquery_datapolicy_data_policy")) == 2
    clear = [m for m in estate.resources("google_*_iam_member") if "FineGrained" in m.values.get("role", "")]
    assert not clear


def test_examples_arrive_as_they_are_and_never_replace_rows(estate: Estate, installation: Installation) -> None:
    objects = {o.values["name"]: o.values["content"] for o in estate.resources("google_storage_bucket_object", "data")}
    rows = (ROOT / "settings/sources/examples/contracts.csv").read_text()
    assert objects["contracts.csv"] == rows
    assert {path.name for path in (ROOT / "settings/sources/examples/handbook").iterdir()} <= set(objects)
    (job,) = estate.resources("google_bigquery_job", "data")
    assert job.values["load"]["write_disposition"] == "WRITE_EMPTY"


def test_rows_of_a_team_are_seen_by_that_team_only(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    seen = {
        tuple(resolved(estate, policy, "grantees")) for policy in estate.resources("google_bigquery_row_access_policy")
    }
    pipelines = [names.service_account(e, "churn", "pipeline") for e in ("nonproduction", "production")]
    people = f"group:{names.group('data_scientist', 'churn')}"
    assert seen == {(people,), *((f"serviceAccount:{email}",) for email in pipelines)}


def test_source_data_is_made_by_one_stack_only(estate: Estate, installation: Installation) -> None:
    projects = {names_of(installation).project("data", key) for key in installation.sources}
    made = {
        resource.stack
        for type_ in ("google_project", "google_storage_bucket", "google_bigquery_dataset", "google_bigquery_table")
        for resource in estate.resources(type_)
        if {resource.values.get("project_id"), resolved(estate, resource, "project")} & projects
    }
    assert made == {"data"}


def test_every_access_to_a_source_is_recorded(estate: Estate, installation: Installation) -> None:
    audits = estate.resources("google_project_iam_audit_config", "data")
    assert len(audits) == len(installation.sources)
    for audit in audits:
        kept = {entry["log_type"] for entry in audit.values["audit_log_config"]}
        assert kept == {"ADMIN_READ", "DATA_READ", "DATA_WRITE"}


def test_each_of_the_four_kinds_yields_a_read_only_grant(four_kinds: Estate) -> None:
    found = {key: lent(entitlement) for key, entitlement in entitlements(four_kinds).items()}
    kind = {"customers": "bigquery", "handbook": "storage", "orders": "spanner", "tickets": "alloydb"}
    assert found == {key: READERS[kind[key]] for key in kind}
    for key, roles in found.items():
        pipeline = {
            m.values["role"]
            for m in four_kinds.resources("google_project_iam_member", "production-assistant")
            if resolved(four_kinds, m, "project").startswith(f"acme-dat-{key}-")
        }
        assert pipeline == roles


def test_each_of_the_four_kinds_is_kept_with_a_key_of_the_common_ring(four_kinds: Estate) -> None:
    for kind, type_ in CONTENT.items():
        for resource in four_kinds.resources(type_, "data"):
            text = json.dumps({key: resolved(four_kinds, resource, key) for key in resource.values})
            service = "storage" if kind == "storage" or "bucket" in type_ else kind
            assert f"/keyRings/common-europe-west4/cryptoKeys/{service}" in text


def test_databases_are_read_over_private_ways_by_identities_that_cannot_write(four_kinds: Estate) -> None:
    (cluster,) = four_kinds.resources("google_alloydb_cluster")
    assert cluster.values["psc_config"] == {"psc_enabled": True}
    assert "initial_user" not in cluster.values
    users = four_kinds.resources("google_alloydb_user")
    assert users
    assert all(u.values["database_roles"] == ["alloydbiamuser", "pg_read_all_data"] for u in users)
    (database,) = four_kinds.resources("google_spanner_database")
    assert database.values["enable_drop_protection"]


@pytest.mark.proves("A2a", defect="a source of a fifth kind")
def test_a_fifth_kind_is_rejected_with_the_four(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    shutil.copytree(ROOT / "settings", settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    document = {"kind": "mongodb", "description": "Fifth", "owner": "owner@example.com"}
    (settings / "sources" / "fifth.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(InvalidSettings) as refused:
        read(settings)
    assert all(kind in str(refused.value) for kind in READERS)
