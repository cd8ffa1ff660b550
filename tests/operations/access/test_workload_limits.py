"""What workloads may hold at most: default deny, by environment and kind of identity."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operations.access.asking import Access
from operations.access.workload_limits import held_by_workloads, read_limits, workload_problems
from sandbox.iam import Held

LIMITS = read_limits()
PIPELINE = "production-churn: google_project_iam_member.pipeline_role-aiplatform-user"
NOTEBOOK = "interactive-churn: google_project_iam_member.notebook_role-bigquery-jobuser"
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
    used = {(environment, kind) for environment, kind, _, _ in held_by_workloads(access)}
    assert used == {(environment, kind) for environment, kinds in LIMITS.items() for kind in kinds}


@pytest.mark.parametrize(
    ("word", "role", "told"),
    [
        (PIPELINE, "roles/aiplatform.admin", "pipeline"),
        (NOTEBOOK, "roles/bigquery.admin", "notebook"),
        (LAUNCHER, "roles/resourcemanager.projectIamAdmin", "launcher"),
    ],
)
def test_a_wider_role_of_a_workload_is_named_with_the_way_out(access: Access, word: str, role: str, told: str) -> None:
    lines = beyond(granted(access, word, role))
    assert lines and all(f"gives '{role}' to a {told} in " in line for line in lines), lines
    assert all("raise groups/workload_limits.yaml" in line for line in lines)


def test_a_role_of_the_list_that_holds_what_is_never_allowed_is_named_too(access: Access) -> None:
    limit = LIMITS["production"]["pipeline"]
    wider = limit.model_copy(update={"roles": [*limit.roles, "roles/storage.admin"]})
    limits = {**LIMITS, "production": {**LIMITS["production"], "pipeline": wider}}
    spoiled = granted(access, PIPELINE, "roles/storage.admin")
    problems = [str(problem) for problem in workload_problems(spoiled, limits)]
    assert problems and all("to a pipeline in production, which holds 'storage." in one for one in problems), problems
