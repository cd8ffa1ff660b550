"""The IAM evaluator: inheritance, groups, conditions, denials, boundaries, and what it does not claim to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.iam import Answer, Held, Policies, decide
from sandbox.iam.conditions import NotUnderstood, holds
from sandbox.iam.policies import READ
from sandbox.iam.roles import about, permissions, predefined
from sandbox.store import Store

MANAGER = "//cloudresourcemanager.googleapis.com"
BUCKET = "//storage.googleapis.com/projects/_/buckets/data"
ADA = "user:ada@example.com"
PLACES = [
    Held("folder", "google_folder", {"name": "folders/11", "parent": "organizations/1"}),
    Held("project", "google_project", {"project_id": "play", "number": "77", "folder_id": "11", "org_id": ""}),
    Held("bucket", "google_storage_bucket", {"name": "data", "project": "play"}),
]


def grant(type_: str, **values: Any) -> Held:
    return Held(f"{type_}.it", type_, values)


def ask(*held: Held, who: str = ADA, may: str = "storage.objects.get", where: str = BUCKET, **context: Any) -> Answer:
    return decide(Policies([*PLACES, *held]), who, may, where, context).answer


@pytest.mark.parametrize(
    "held",
    [
        grant("google_organization_iam_member", org_id="1", role="roles/storage.objectViewer", member=ADA),
        grant("google_folder_iam_member", folder="folders/11", role="roles/storage.objectViewer", member=ADA),
        grant("google_project_iam_binding", project="play", role="roles/storage.objectViewer", members=[ADA]),
        grant("google_project_iam_member", project="77", role="roles/storage.objectViewer", member=ADA),
        grant("google_storage_bucket_iam_member", bucket="data", role="roles/storage.objectViewer", member=ADA),
        grant("google_storage_bucket_iam_member", bucket="data", role="roles/storage.objectViewer", member="allUsers"),
        grant(
            "google_storage_bucket_iam_policy",
            bucket="data",
            policy_data='{"bindings":[{"role":"roles/storage.objectViewer","members":["user:ada@example.com"]}]}',
        ),
    ],
    ids=lambda held: held.type_,
)
def test_a_grant_holds_at_its_place_and_below(held: Held) -> None:
    assert ask() is Answer.NO
    assert ask(held) is Answer.YES
    assert ask(held, where=f"{BUCKET}/objects/a/b") is Answer.YES
    assert ask(held, may="storage.objects.delete") is Answer.NO
    assert ask(held, who="user:eve@example.com", where=BUCKET.replace("data", "other")) is Answer.NO


def test_who_says_no_name_is_anybody_but_not_authenticated() -> None:
    known, anybody = (
        grant("google_storage_bucket_iam_member", bucket="data", role="roles/storage.objectViewer", member=member)
        for member in ("allAuthenticatedUsers", "allUsers")
    )
    assert [ask(held, who="allUsers") for held in (known, anybody)] == [Answer.NO, Answer.YES]
    assert [ask(held) for held in (known, anybody)] == [Answer.YES, Answer.YES]


def test_a_grant_below_says_nothing_above_or_beside() -> None:
    held = grant("google_storage_bucket_iam_member", bucket="data", role="roles/storage.admin", member=ADA)
    assert ask(held, where=f"{MANAGER}/projects/play") is Answer.NO
    assert ask(held, where=BUCKET + "-2") is Answer.NO


def test_members_of_groups_within_groups_hold_what_the_outer_group_holds() -> None:
    held = grant(
        "google_project_iam_member", project="play", role="roles/storage.admin", member="group:out@example.com"
    )
    groups = {"out@example.com": ["group:in@example.com"], "in@example.com": [ADA]}
    policies = Policies([*PLACES, held], groups)
    assert decide(policies, ADA, "storage.objects.get", BUCKET).allowed
    assert decide(policies, "group:in@example.com", "storage.objects.get", BUCKET).allowed
    assert not decide(policies, "user:eve@example.com", "storage.objects.get", BUCKET).allowed


def test_memberships_in_the_estate_count() -> None:
    held = [
        grant("google_cloud_identity_group", name="groups/1", id="groups/1", group_key=[{"id": "g@example.com"}]),
        grant(
            "google_cloud_identity_group_membership",
            group="groups/1",
            preferred_member_key=[{"id": "ada@example.com"}],
        ),
        grant("google_project_iam_member", project="play", role="roles/storage.admin", member="group:g@example.com"),
    ]
    assert ask(*held) is Answer.YES


def deny(**rule: Any) -> Held:
    principals = {"denied_principals": ["principalSet://goog/public:all"]}
    return grant(
        "google_iam_deny_policy",
        parent="cloudresourcemanager.googleapis.com%2Fprojects%2Fplay",
        rules=[{"deny_rule": [principals | rule]}],
    )


ALL = grant("google_project_iam_member", project="play", role="roles/storage.admin", member=ADA)
ROBOT = "serviceAccount:r@play.iam.gserviceaccount.com"


def test_a_denial_beats_every_grant_and_spares_its_exceptions() -> None:
    rule = deny(
        denied_permissions=[
            "storage.googleapis.com/objects.get",
            "cloudresourcemanager.googleapis.com/projects.update",
        ],
        exception_principals=[
            "principal://iam.googleapis.com/projects/-/serviceAccounts/r@play.iam.gserviceaccount.com"
        ],
    )
    robot = grant("google_project_iam_member", project="play", role="roles/storage.admin", member=ROBOT)
    told = decide(Policies([*PLACES, ALL, rule]), ADA, "storage.objects.get", BUCKET)
    assert (told.answer, told.by, told.kind) == (Answer.NO, (rule.address,), "deny")
    assert ask(ALL, rule, may="storage.objects.list") is Answer.YES
    assert ask(robot, rule, who=ROBOT) is Answer.YES
    assert ask(ALL, deny(denied_permissions=["storage.googleapis.com/objects.*"])) is Answer.NO


def test_a_denial_of_one_group_leaves_others_alone() -> None:
    rule = deny(
        denied_permissions=["storage.googleapis.com/objects.get"],
        denied_principals=["principalSet://goog/group/g@example.com"],
    )
    assert ask(ALL, rule) is Answer.YES
    assert not decide(
        Policies([*PLACES, ALL, rule], {"g@example.com": [ADA]}), ADA, "storage.objects.get", BUCKET
    ).allowed


def test_a_condition_decides_by_resource_time_and_the_roles_that_are_granted() -> None:
    def when(expression: str, **context: Any) -> Answer:
        condition = [{"title": "t", "expression": expression}]
        held = grant(
            "google_project_iam_member", project="play", role="roles/storage.admin", member=ADA, condition=condition
        )
        return ask(held, where=f"{BUCKET}/objects/in/x", **context)

    assert when('resource.name.startsWith("projects/_/buckets/data/objects/in/")') is Answer.YES
    assert when('resource.name.startsWith("projects/_/buckets/data/objects/out/")') is Answer.NO
    assert when('request.time < timestamp("2001-01-01T00:00:00Z")') is Answer.NO
    assert when('!(request.time < timestamp("2001-01-01T00:00:00Z")) && resource.service != "a"') is Answer.YES
    only = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/browser'])"
    assert when(only, api={"iam.googleapis.com/modifiedGrantsByRole": ["roles/browser"]}) is Answer.YES
    assert when(only, api={"iam.googleapis.com/modifiedGrantsByRole": ["roles/owner"]}) is Answer.NO
    assert when("resource.matchTag('1/env', 'prod')") is Answer.NO
    assert when("resource.labels.env == 'prod'") is Answer.UNKNOWN


def test_a_denial_counts_whatever_stands_beside_it() -> None:
    every = {"denied_permissions": ["storage.googleapis.com/objects.get"]}
    strange = deny(**every, denial_condition=[{"expression": "resource.labels.env == 'prod'"}])
    assert ask(ALL, strange) is Answer.UNKNOWN
    assert ask(ALL, strange, deny(**every)) is Answer.NO


@pytest.mark.parametrize(
    "text", ["timestamp('soon') < request.time", "timestamp()", "api.getAttribute('x')", "(" * 9999]
)
def test_an_expression_that_makes_no_sense_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(NotUnderstood):
        holds(text, {"request.time": 1})


@pytest.mark.parametrize(
    "text", ["", "1 +", "resource.name", "resource.", "a.b == 'c'", "'x' == ", "(true", "f(1)", "#"]
)
def test_an_expression_outside_the_understood_part_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotUnderstood):
        holds(text, {"resource.name": "a"})


def test_a_role_that_is_not_known_gives_no_answer_unless_another_one_does() -> None:
    strange = grant("google_project_iam_member", project="play", role="roles/moon.walker", member=ADA)
    assert ask(strange) is Answer.UNKNOWN
    assert ask(strange, ALL) is Answer.YES
    assert ask(strange, deny(denied_permissions=["storage.googleapis.com/objects.get"])) is Answer.NO


def test_a_custom_role_is_what_the_estate_says() -> None:
    role = grant("google_organization_iam_custom_role", org_id="1", role_id="peek", permissions=["storage.objects.get"])
    held = grant("google_project_iam_member", project="play", role="organizations/1/roles/peek", member=ADA)
    assert ask(role, held) is Answer.YES
    assert ask(role, held, may="storage.objects.list") is Answer.NO
    assert ask(held) is Answer.UNKNOWN


def test_a_principal_access_boundary_keeps_accounts_of_a_project_inside() -> None:
    policy = grant(
        "google_iam_principal_access_boundary_policy",
        id="b/1",
        details=[{"rules": [{"resources": [f"{MANAGER}/projects/elsewhere"]}]}],
    )
    binding = grant(
        "google_iam_projects_policy_binding",
        policy="b/1",
        target=[{"principal_set": f"cloudresourcemanager:{MANAGER}/projects/play"}],
    )
    robot = grant("google_project_iam_member", project="play", role="roles/storage.admin", member=ROBOT)
    assert ask(robot, who=ROBOT) is Answer.YES
    assert ask(robot, policy, binding, who=ROBOT) is Answer.NO
    inside = {"id": "b/2", "details": [{"rules": [{"resources": [f"{MANAGER}/projects/play"]}]}]}
    other = grant("google_iam_principal_access_boundary_policy", **inside)
    both = grant("google_iam_projects_policy_binding", **dict(binding.values) | {"policy": "b/2"})
    assert ask(robot, policy, binding, other, both, who=ROBOT) is Answer.YES, "what one of them lets in, is in"


def test_the_table_of_roles_names_its_source_and_knows_what_it_does_not_know() -> None:
    assert {"source", "date", "absent"} <= set(about())
    held = predefined("roles/aiplatform.user")
    assert held is not None and "aiplatform.customJobs.create" in held
    assert not any(permission.endswith("setIamPolicy") for permission in held)
    assert predefined("roles/moon.walker") is None
    assert held <= permissions()


def test_a_store_answers_as_its_resources_do_and_tells_when_it_changed(tmp_path: Path) -> None:
    with Store(tmp_path / "cloud.db") as store:
        for held in [*PLACES, ALL]:
            store.put(held.type_, held.address, dict(held.values))
        before = store.revision_matching(*READ)
        assert decide(store, ADA, "storage.objects.get", BUCKET).allowed
        store.put("google_pubsub_topic", "t", {"name": "t"})
        assert store.revision_matching(*READ) == before, "a topic has no say in who may do what"
        store.delete(ALL.type_, ALL.address)
        assert store.revision_matching(*READ) != before
        assert not decide(store, ADA, "storage.objects.get", BUCKET).allowed
