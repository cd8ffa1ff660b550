"""Defects in who may do what."""

from __future__ import annotations

from tests.mutation.operators import (
    GRANT,
    Change,
    Values,
    another_environment,
    drop,
    gone,
    only,
    operational,
    put,
    text,
    to_people,
)

ACCOUNT = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
DENIAL, LENDING = "google_iam_deny_policy", "google_privileged_access_manager_entitlement"
FEDERATION, ACTS = "google_iam_workload_identity_pool_provider", "google_service_account_iam_member"
ROLE = "google_*_iam_custom_role"
MANAGED = ("google_project_iam_member", "google_storage_bucket_iam_member", "google_bigquery_dataset_iam_member")


def federated(values: Values) -> bool:
    return str(values["member"]).startswith("principalSet://iam.googleapis.com/projects/")


def elsewhere(values: Values) -> Values:
    if "-com-" not in values["member"]:
        values["member"] = another_environment(values["member"])
    return values


def and_permission(permission: str) -> Change:
    return lambda values: values | {"permissions": [*values["permissions"], permission]}


def approved_by_borrowers(values: Values) -> Values:
    return put(approval_workflow__manual_approvals__steps__approvers=values["eligible_users"])(values)


OPERATORS: dict[str, tuple[tuple[str, ...], Change]] = {
    "grant: to everybody": ((GRANT,), put(member="allUsers")),
    "grant: to everybody who is logged in": ((GRANT,), put(member="allAuthenticatedUsers")),
    "grant: to a person": ((GRANT,), put(member="user:jane@example.com")),
    "grant: to a whole domain": ((GRANT,), put(member="domain:example.com")),
    "grant: to the default account": ((GRANT,), put(member=ACCOUNT)),
    "grant: to another group": ((GRANT,), only(to_people, put(member="group:everybody@example.com"))),
    "grant: of the owner's role": ((GRANT,), put(role="roles/owner")),
    "grant: of the editor's role": ((GRANT,), put(role="roles/editor")),
    "grant: a viewer becomes an administrator": ((GRANT,), text("role", r"\.\w*([vV]iewer|[rR]eader)$", ".admin")),
    "grant: a user becomes an administrator": ((GRANT,), text("role", r"\.\w*([uU]ser|[eE]ditor)$", ".admin")),
    "grant: without its condition": ((GRANT,), drop("condition")),
    "grant: people administer data": (MANAGED, only(to_people, put(role="roles/storage.admin"))),
    "grant: people start builds": (MANAGED, only(to_people, put(role="roles/cloudbuild.builds.editor"))),
    "grant: people write in operations": (
        ("google_project_iam_member",),
        only(lambda v: to_people(v) and operational(v), put(role="roles/aiplatform.user")),
    ),
    "grant: people write in a bucket of operations": (
        ("google_storage_bucket_iam_member",),
        only(lambda v: to_people(v) and operational({"project": v["bucket"]}), put(role="roles/storage.objectAdmin")),
    ),
    "grant: hands out the owner's role": (
        ("google_project_iam_member",),
        text("condition__expression", r"(modifiedGrantsByRole', \[\]\)\.hasOnly)\(.*\)", r"\1(['roles/owner'])"),
    ),
    "grant: people administer the organization's models": (
        ("google_organization_iam_member",),
        only(to_people, put(role="roles/aiplatform.admin")),
    ),
    "grant: becomes anybody": (("google_project_iam_member",), put(role="roles/iam.serviceAccountTokenCreator")),
    "grant: the catalog in operations": (
        ("google_project_iam_member",),
        only(operational, put(role="roles/cloudprivatecatalogproducer.manager")),
    ),
    "acting: as an account of another environment": ((ACTS,), elsewhere),
    "acting: any repository of the pool": ((ACTS,), only(federated, text("member", r"/attribute\..*", "/*"))),
    "federation: without a condition": ((FEDERATION,), drop("attribute_condition")),
    "federation: for any repository": ((FEDERATION,), put(attribute_condition="true")),
    "role: makes keys": ((ROLE,), and_permission("iam.serviceAccountKeys.create")),
    "role: one permission more": ((ROLE,), and_permission("storage.buckets.setIamPolicy")),
    "denial: taken out": ((DENIAL,), gone),
    "denial: of nothing": ((DENIAL,), put(rules__deny_rule__denied_permissions=[])),
    "denial: of less": ((DENIAL,), put(rules__deny_rule__denied_permissions=["storage.googleapis.com/objects.get"])),
    "denial: for one group only": ((DENIAL,), put(rules__deny_rule__denied_principals=["principal://goog/subject/a"])),
    "denial: with a group left out": (
        (DENIAL,),
        put(rules__deny_rule__exception_principals=["principalSet://goog/group/everybody@example.com"]),
    ),
    "lending: approved by who borrows": ((LENDING,), approved_by_borrowers),
    "lending: approved by nobody": ((LENDING,), drop("approval_workflow")),
    "lending: for a month": ((LENDING,), put(max_request_duration="2592000s")),
    "lending: without a reason": ((LENDING,), put(requester_justification_config__not_mandatory=[{"x": 1}])),
    "lending: of everything": (
        (LENDING,),
        put(privileged_access__gcp_iam_access__role_bindings__role="roles/owner"),
    ),
    "lending: of writing": (
        (LENDING,),
        put(privileged_access__gcp_iam_access__role_bindings__role="roles/bigquery.dataEditor"),
    ),
    "key: of a service account": (("google_service_account",), lambda v: v | {"__new__": "google_service_account_key"}),
}
