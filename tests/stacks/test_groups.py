"""Groups: the kinds of people exist, and hold exactly what their files say."""

import re
from urllib.parse import unquote

from groups.personas import grants, read, with_full_roles
from groups.rules import read_rules
from settings.loading import names_of
from settings.model import Installation
from tests.estate import Estate

RULES = read_rules()
PERSONAS = read()
LOOKS = re.compile(r"(viewer|browser|reader)$", re.IGNORECASE)


def test_there_is_a_group_per_persona_and_one_per_team_of_data_scientists(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    wanted = {
        names.group(key, team)
        for key, persona in PERSONAS.items()
        for team in (installation.teams if persona.per_team else [None])
    }
    assert {"mlops_engineer", "devops_engineer", "data_scientist", "data_engineer"} <= set(PERSONAS)
    assert {r.values["group_key"]["id"] for r in estate.resources("google_cloud_identity_group")} == wanted


def test_in_each_environment_a_persona_holds_what_its_file_says_and_nothing_else(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    full = with_full_roles(PERSONAS, {key: names.role(key) for key in RULES.roles})
    members = estate.resources("google_folder_iam_member", "groups")
    for key, persona in full.items():
        for environment in installation.environments:
            begin = f"{key}-{environment}-"
            found = sorted(r.values["role"] for r in members if r.name.startswith(begin))
            assert found == ([] if persona.per_team else list(grants(persona, environment))), (key, environment)


def test_every_binding_of_the_groups_stack_is_to_a_group_made_there(estate: Estate) -> None:
    granted = [r for r in estate.resources("google_*_iam_member", "groups") if not r.name.endswith("-lender")]
    for resource in granted:
        assert resource.values["member"].startswith("group:${google_cloud_identity_group."), resource.address


def test_people_only_look_in_operational_environments() -> None:
    for key, persona in PERSONAS.items():
        for environment in ("nonproduction", "production"):
            assert [role for role in grants(persona, environment) if not LOOKS.search(role)] == [], key


def test_groups_are_security_groups_owned_by_who_deploys_them(estate: Estate) -> None:
    for group in estate.resources("google_cloud_identity_group"):
        assert "cloudidentity.googleapis.com/groups.security" in group.values["labels"]
        assert group.values["initial_group_config"] == "WITH_INITIAL_OWNER"


def test_nobody_takes_a_deployer_in_person_but_for_an_hour_and_with_consent(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    assert estate.resources("google_service_account_iam_member", "groups") == []
    (lent,) = estate.resources("google_privileged_access_manager_entitlement", "groups")
    assert lent.values["max_request_duration"] == "3600s"
    assert "group-break-glass" in str(lent.values["eligible_users"])
    assert "group-org-admin" in str(lent.values["approval_workflow"])
    access = lent.values["privileged_access"]["gcp_iam_access"]
    assert access["resource"].endswith(f"/projects/{names.project('common', 'seed')}")
    assert [b["role"] for b in access["role_bindings"]] == ["roles/iam.serviceAccountTokenCreator"]


def test_every_denial_reaches_its_places_and_its_people(estate: Estate, installation: Installation) -> None:
    """I4d, A1b: what the files deny stands in a deny policy at each place, for exactly these principals."""
    found = {r.name: r.values for r in estate.resources("google_iam_deny_policy", "groups")}
    for key, denial in RULES.denials.items():
        wanted = {f"deny-{key}-people-{place}" for place in denial.people}
        wanted |= {f"deny-{key}-everybody-{place}" for place in denial.everybody}
        wanted |= {
            f"deny-{key}-{who}-{where}" for who, p in PERSONAS.items() for where in p.denied if key in p.denied[where]
        }
        assert wanted, key
        for name in wanted:
            (rule,) = found[name]["rules"]
            assert rule["deny_rule"]["denied_permissions"] == sorted(denial.permissions), name
    everybody = found["deny-keys-everybody-parent"]["rules"][0]["deny_rule"]["denied_principals"]
    assert everybody == ["principalSet://goog/public:all"]
    assert installation.organization.customer_id in str(found["deny-writing-people-production"])
    assert "folders" not in unquote(str(found["deny-keys-everybody-parent"]["parent"]))


def test_every_role_of_our_own_exists_with_its_permissions(estate: Estate) -> None:
    found = {r.values["role_id"]: r.values["permissions"] for r in estate.resources("*_custom_role", "groups")}
    assert found == {f"acme_{key}": role.names for key, role in RULES.roles.items()}


def test_people_of_the_settings_are_members_of_their_groups(estate: Estate, installation: Installation) -> None:
    found = {m.values["preferred_member_key"]["id"] for m in estate.resources("*_group_membership", "groups")}
    listed = [installation.organization.members, *(team.members for team in installation.teams.values())]
    assert found == {email for members in listed for emails in members.values() for email in emails}
