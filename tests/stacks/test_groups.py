"""Groups: the kinds of people exist, and hold exactly what their files say."""

import re

from groups.personas import grants, read
from settings.loading import names_of
from settings.model import Installation
from tests.estate import Estate

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
    members = estate.resources("google_folder_iam_member", "groups")
    for key, persona in PERSONAS.items():
        for environment in installation.environments:
            begin = f"{key}-{environment}-"
            found = sorted(r.values["role"] for r in members if r.name.startswith(begin))
            assert found == ([] if persona.per_team else list(grants(persona, environment))), (key, environment)


def test_every_binding_of_the_groups_stack_is_to_a_group_made_there(estate: Estate) -> None:
    for resource in estate.resources("google_*_iam_member", "groups"):
        assert resource.values["member"].startswith("group:${google_cloud_identity_group."), resource.address


def test_people_only_look_in_operational_environments() -> None:
    for key, persona in PERSONAS.items():
        for environment in ("nonproduction", "production"):
            assert [role for role in grants(persona, environment) if not LOOKS.search(role)] == [], key


def test_groups_are_security_groups_owned_by_who_deploys_them(estate: Estate) -> None:
    for group in estate.resources("google_cloud_identity_group"):
        assert "cloudidentity.googleapis.com/groups.security" in group.values["labels"]
        assert group.values["initial_group_config"] == "WITH_INITIAL_OWNER"


def test_only_the_emergency_group_may_take_deployers_in_person(estate: Estate, installation: Installation) -> None:
    taken = estate.resources("google_service_account_iam_member", "groups")
    assert taken
    assert all("group-break-glass" in r.values["member"] for r in taken)
