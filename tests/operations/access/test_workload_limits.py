"""What workloads may hold at most: default deny, by environment and kind of identity."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operations.access.asking import Access
from operations.access.workload_limits import held_by_workloads, read_limits, spelled, workload_problems
from sandbox.iam import Held

LIMITS = read_limits()
PIPELINE = "production-churn: google_project_iam_member.pipeline_role-aiplatform-user"
NOTEBOOK = "interactive-churn: google_project_iam_member.notebook_role-bigquery-jobuser"
PROMOTION = "delivery: google_project_iam_member.builder-promotion_artifacts_role-"
DEPLOYER = "organization: google_folder_iam_member.data-in-common-"
LAUNCHER = "interactive-churn: google_project_iam_member.launcher_role"


def beyond(access: Access) -> list[str]:
    return [str(problem) for problem in workload_problems(access, LIMITS)]


def granted(access: Access, word: str, role: str) -> Access:
    """The estate with another role in every grant whose address begins so."""

    def changed(one: Held) -> Held:
        return replace(one, values={**one.values, "role": role}) if one.address.startswith(word) else one

    found = Access([changed(one) for one in access.held], access.words, access.rules)
    assert found.held != access.held
    return found


def test_no_workload_holds_more_than_its_limit_and_no_limit_is_idle(access: Access) -> None:
    assert beyond(access) == []
    used = {(place, kind, spelled(access, role)) for place, kind, role, _ in held_by_workloads(access)}
    assert used == {
        (place, kind, role) for place, kinds in LIMITS.items() for kind, limit in kinds.items() for role in limit.roles
    }


@pytest.mark.parametrize(
    ("word", "role", "told"),
    [
        (PIPELINE, "roles/aiplatform.admin", "pipeline"),
        (NOTEBOOK, "roles/bigquery.admin", "notebook"),
        (LAUNCHER, "roles/resourcemanager.projectIamAdmin", "launcher"),
        (PROMOTION, "roles/artifactregistry.admin", "builder in artifacts"),
        (DEPLOYER, "roles/iam.serviceAccountTokenCreator", "deployer in common-folder"),
    ],
)
def test_a_wider_role_of_a_workload_is_named_with_the_way_out(access: Access, word: str, role: str, told: str) -> None:
    lines = beyond(granted(access, word, role))
    assert lines and all(f"gives '{role}' to a {told}" in line for line in lines), lines
    assert all("raise groups/workload_limits.yaml" in line for line in lines)


def test_a_role_of_the_list_that_holds_what_is_never_allowed_is_named_too(access: Access) -> None:
    limit = LIMITS["production"]["pipeline"]
    wider = limit.model_copy(update={"roles": [*limit.roles, "roles/storage.admin"]})
    limits = {**LIMITS, "production": {**LIMITS["production"], "pipeline": wider}}
    spoiled = granted(access, PIPELINE, "roles/storage.admin")
    problems = [str(problem) for problem in workload_problems(spoiled, limits)]
    assert problems and all("to a pipeline in production, which holds 'storage." in one for one in problems), problems


@pytest.mark.parametrize(
    ("type_", "where"),
    [
        ("google_folder_iam_member", {"folder": "folders/acme-production"}),
        ("google_organization_iam_member", {"org_id": "123456789012"}),
        ("google_project_iam_member", {"project": "acme-com-logging-k7q2"}),
        ("google_project_iam_member", {"project": "somebody-elses"}),
    ],
)
def test_a_place_where_a_workload_has_no_limit_gives_it_nothing(
    access: Access, type_: str, where: dict[str, str]
) -> None:
    member = "serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
    planted = Held("planted", type_, {**where, "role": "roles/aiplatform.user", "member": member})
    (line,) = beyond(Access([*access.held, planted], access.words, access.rules))
    assert "gives 'roles/aiplatform.user' to a pipeline in " in line


def test_a_misspelt_place_is_named(access: Access) -> None:
    limits = {"prodution" if place == "production" else place: kinds for place, kinds in LIMITS.items()}
    lines = [str(problem) for problem in workload_problems(access, limits)]
    assert lines and all("has no 'production'; did you mean 'prodution'?" in line for line in lines), lines
