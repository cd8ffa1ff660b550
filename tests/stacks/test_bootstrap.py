"""Bootstrap: deploying identities with little power each, and a state that few can touch."""

import json
import re
from fnmatch import fnmatchcase

import cdktf

from settings.loading import names_of
from settings.model import GitLab, Installation
from stacks.constructs.federation import Federation
from stacks.tables import Deployers, table
from tests.estate import Estate

DEPLOYERS: Deployers = table(Deployers, "deployers")
FAR_TOO_MUCH = {
    "roles/owner",
    "roles/editor",
    "roles/viewer",
    "roles/billing.admin",
    "roles/iam.securityAdmin",
    "roles/iam.serviceAccountTokenCreator",
    "roles/resourcemanager.organizationAdmin",
}
LOOKS = re.compile(r"(viewer|reader|reviewer|browser|serviceusageconsumer|objectviewer)$", re.IGNORECASE)


def _roles_of(estate: Estate, concern: str) -> set[str]:
    """Every role that a deployer holds by a binding of bootstrap or organization."""
    found = set()
    for resource in estate.resources("google_*_iam_member"):
        if re.search(rf"deploy-{concern}[_@]", resource.values["member"]):
            found.add(resource.values["role"])
    return found


def test_every_stack_is_deployed_by_the_one_identity_that_keeps_its_state(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    for stack, document in estate.documents.items():
        taken = {p.get("impersonate_service_account") for ps in document["provider"].values() for p in ps}
        variable = document.get("variable", {}).get("deployer", {"ephemeral": True})
        assert variable["ephemeral"], "a plan that keeps who made it cannot be applied by another"
        taken = {variable["default"] if it == "${var.deployer}" else it for it in taken}
        keepers = {c for c, d in DEPLOYERS.deployers.items() if any(stack.startswith(begin) for begin in d.state)}
        assert taken == ({names.deployer(c) for c in keepers} or {None}), stack
        assert len(keepers) == (0 if stack == "bootstrap" else 1), stack


def test_whoever_writes_state_writes_only_the_state_of_its_own_stacks(estate: Estate) -> None:
    state = estate.resources("google_storage_bucket_iam_member", "bootstrap")
    writers = [r for r in state if r.values["role"] != "roles/storage.objectViewer"]
    assert len(writers) == len(DEPLOYERS.concerns)
    for writer in writers:
        assert "/objects/stacks/" in writer.values["condition"]["expression"], writer.address


def test_no_deployer_holds_a_role_with_which_it_could_become_another(estate: Estate) -> None:
    for concern in DEPLOYERS.deployers:
        roles = _roles_of(estate, concern)
        assert roles, concern
        assert not roles & FAR_TOO_MUCH, concern


def test_the_plan_identity_only_looks(estate: Estate) -> None:
    custom = {r.name: r.values["permissions"] for r in estate.resources("google_organization_iam_custom_role")}
    assert all(permission.endswith(".get") for permission in custom["role-plan-reader"])
    others = {role for role in _roles_of(estate, "plan") if "role-plan-reader" not in role}
    assert others
    assert [role for role in others if not LOOKS.search(role)] == []


def test_only_the_plan_identity_is_open_to_workflows_of_the_infrastructure_repository(
    estate: Estate, installation: Installation
) -> None:
    repositories = installation.organization.repositories
    (provider,) = estate.resources("google_iam_workload_identity_pool_provider")
    assert f'.startsWith("{repositories.provider.owner}/")' in provider.values["attribute_condition"]
    federated = [r for r in estate.resources("google_*_iam_member") if "principalSet:" in r.values["member"]]
    assert [r.name for r in federated] == ["federated-plan"]
    assert (
        federated[0]
        .values["member"]
        .endswith(f"/attribute.repository/{repositories.provider.owner}/{repositories.infrastructure}")
    )


def test_a_group_of_gitlab_gets_in_under_gitlabs_names_for_the_same_claims() -> None:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
    host = GitLab(host="gitlab", owner="example-ml", uri="https://git.example.com", ranges=["203.0.113.0/24"])
    Federation(stack, "federation", project_id="acme-com-seed-k7q2", pool="acme-repository-host", host=host)
    made = json.loads(cdktf.Testing.synth(stack))["resource"]["google_iam_workload_identity_pool_provider"]
    (provider,) = made.values()
    assert provider["oidc"] == {"issuer_uri": "https://git.example.com"}
    assert provider["attribute_condition"] == 'assertion.project_path.startsWith("example-ml/")'
    assert provider["attribute_mapping"]["attribute.repository"] == "assertion.project_path"


def test_the_state_has_versions_and_a_key_that_no_plan_destroys(estate: Estate) -> None:
    (bucket,) = estate.resources("google_storage_bucket", "bootstrap")
    (key,) = estate.resources("google_kms_crypto_key", "bootstrap")
    assert bucket.values["versioning"] == {"enabled": True}
    assert "retention_policy" not in bucket.values, "retention would forbid to write the state a second time"
    assert "google_kms_crypto_key_iam_member" in bucket.values["encryption"]["default_kms_key_name"]
    assert key.values["lifecycle"]["prevent_destroy"] is True


def test_the_seed_project_can_be_charged_for_every_api_that_any_stack_calls(estate: Estate) -> None:
    seed = {r.values["service"] for r in estate.resources("google_project_service", "bootstrap")}
    used = {r.values["service"] for r in estate.resources("google_project_service")}
    assert used - seed == set()


def test_bootstrap_charges_no_project_because_there_is_none_yet(estate: Estate) -> None:
    for entries in estate.documents["bootstrap"]["provider"].values():
        assert [key for entry in entries for key in entry if "project" in key] == []


def test_no_service_account_has_a_key_and_nothing_names_a_person(estate: Estate) -> None:
    assert estate.resources("google_service_account_key") == []
    assert [r.address for r in estate.resources() if fnmatchcase(json.dumps(r.values), '*"user:*')] == []
