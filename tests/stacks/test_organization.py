"""Organization: guardrails that hold for everybody, and deployers that reach only their folders."""

import pytest

from settings.model import Installation
from settings.problems import InvalidSettings
from stacks.constructs.org_policy import filled
from stacks.tables import Audit, table
from tests.estate import Estate

KNOWN = {"customer": ["C0"], "networks": ["under:folders/1", "under:folders/2"]}


def _policies(estate: Estate) -> dict[str, dict]:
    found = estate.resources("google_org_policy_policy", "organization")
    return {r.values["name"].rpartition("/policies/")[2]: r.values for r in found if r.name.startswith("policy-")}


def test_every_policy_of_the_settings_is_set_and_no_other(estate: Estate, installation: Installation) -> None:
    assert sorted(_policies(estate)) == sorted(installation.org_policies)


def test_a_policy_says_what_its_setting_says(estate: Estate, installation: Installation) -> None:
    policies = _policies(estate)
    for constraint, setting in installation.org_policies.items():
        spec = policies[constraint]["dry_run_spec" if setting.dry_run else "spec"]
        (rule,) = spec["rules"]
        if setting.enforce is not None:
            assert rule == {"enforce": str(setting.enforce).upper()}, constraint
        elif setting.deny_all:
            assert rule == {"deny_all": "TRUE"}, constraint
        else:
            wanted = len(setting.allow or setting.deny or [])
            listed = rule["values"]["allowed_values" if setting.allow else "denied_values"]
            assert len(listed) >= wanted, constraint
            assert not [value for value in listed if value.startswith("{")], constraint


def test_a_placeholder_becomes_as_many_values_as_it_has() -> None:
    assert filled(["{networks}", "x/{customer}"], KNOWN, place="p") == ["under:folders/1", "under:folders/2", "x/C0"]


def test_an_unknown_placeholder_is_an_error_that_names_the_near_one() -> None:
    with pytest.raises(InvalidSettings) as raised:
        filled(["{custmer}"], KNOWN, place="org_policies.yaml.x")
    assert str(raised.value) == "org_policies.yaml.x: unknown placeholder '{custmer}'; did you mean 'customer'?"


def test_each_environment_permits_exactly_its_models_and_the_common_folder_none(
    estate: Estate, installation: Installation
) -> None:
    for key, environment in installation.environments.items():
        (policy,) = [r for r in estate.resources("google_org_policy_policy") if r.name.startswith(f"models-{key}_")]
        (rule,) = policy.values["spec"]["rules"]
        assert rule["values"]["allowed_values"] == environment.allowed_models
        assert f"folder-{key}" in policy.values["parent"]
    (common,) = [r for r in estate.resources("google_org_policy_policy") if r.name.startswith("models-common_")]
    assert common.values["spec"]["rules"] == [{"deny_all": "TRUE"}]


def test_every_read_and_write_of_models_data_keys_and_secrets_is_logged(estate: Estate) -> None:
    audited = estate.resources("google_organization_iam_audit_config")
    assert {r.values["service"] for r in audited} == set(table(Audit, "audit").services)
    for resource in audited:
        kinds = {entry["log_type"] for entry in resource.values["audit_log_config"]}
        assert kinds == {"ADMIN_READ", "DATA_READ", "DATA_WRITE"}, resource.address


def test_every_folder_bears_the_tag_of_its_environment(estate: Estate, installation: Installation) -> None:
    wanted = sorted(["common", *installation.environments])
    assert sorted(r.values["short_name"] for r in estate.resources("google_tags_tag_value")) == wanted
    bound = estate.resources("google_tags_tag_binding")
    assert len(bound) == len(wanted)
    assert all("${google_folder." in r.values["parent"] for r in bound)


def test_each_contact_is_named_once_with_all_its_categories(estate: Estate, installation: Installation) -> None:
    found = {}
    for resource in estate.resources("google_essential_contacts_contact"):
        assert resource.values["email"] not in found
        found[resource.values["email"]] = resource.values["notification_category_subscriptions"]
    given = {category.upper(): email for category, email in installation.organization.contacts}
    assert {category: email for email, categories in found.items() for category in categories} == given


@pytest.mark.parametrize(
    ("concern", "folders"),
    [
        ("interactive", {"interactive"}),
        ("operational", {"nonproduction", "production"}),
        ("catalog", {"common"}),
        ("delivery", {"common"}),
        ("groups", set()),
    ],
)
def test_a_deployer_reaches_only_the_folders_of_its_stacks(estate: Estate, concern: str, folders: set[str]) -> None:
    granted = [
        r for r in estate.resources("google_folder_iam_member", "organization") if r.name.startswith(f"{concern}-in-")
    ]
    assert {r.name.split("-in-")[1].split("-")[0] for r in granted} == folders
