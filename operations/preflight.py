"""Checks at Google before the first change: who asks, what exists, what is missing. Every call only reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from operations import policy_conflicts
from operations.credentials import TOKEN, Credentials
from operations.estate_outline import Outline
from operations.findings import Check, Finding, Inconclusive, made
from operations.google_api import Google, Refused, Unreachable
from operations.preflight_case import Case, opened
from settings.loading import read_yaml
from settings.model import Installation

DATA: Mapping[str, Any] = read_yaml(Path(__file__).with_name("preflight.yaml"), "operations/preflight.yaml")
LOG_IN = f"run 'gcloud auth application-default login' or set {TOKEN}"
_ANCESTORS = 12


def findings(it: Installation, outline: Outline, credentials: Credentials, endpoint: str) -> list[Finding]:
    """Every check at Google; one finding alone where there is no network or the token is not accepted."""
    google = Google(credentials.token, DATA["services"], credentials.quota_project, endpoint)
    try:
        case = opened(it, outline, google)
    except Unreachable as error:
        return [Finding("network", "failed", error.text, error.way_out)]
    except Refused as error:
        return [Finding("token", "failed", error.text, LOG_IN)]
    checks: dict[str, Check] = {name: partial(check, case=case) for name, check in CHECKS.items()}
    for scope in ("organization", "parent", "billing"):
        checks[f"permissions {scope}"] = partial(permissions, case=case, scope=scope)
    return made(checks | policy_conflicts.checks(it, google, DATA))


def organization(name: str, case: Case) -> Finding:
    """The organization of the settings exists and is active."""
    id_ = case.it.organization.organization_id
    try:
        found = case.organization_found()
    except Refused as error:
        if error.status != 404:
            raise
        way_out = "correct organization_id in organization.yaml; see 'gcloud organizations list'"
        return Finding(name, "failed", f"there is no organization {id_}", way_out)
    if found.get("state") != "ACTIVE":
        return Finding(name, "failed", f"organization {id_} is {found.get('state')}", "restore it at Google first")
    return Finding(name, "ok", f"{found.get('displayName')} ({id_})")


def customer(name: str, case: Case) -> Finding:
    """The customer id of the settings is the organization's: policies and groups are bound to it."""
    found, wanted = case.organization_found().get("directoryCustomerId"), case.it.organization.customer_id
    if found != wanted:
        text = f"the organization belongs to customer {found}, the settings say {wanted}"
        return Finding(name, "failed", text, f"set customer_id: {found} in organization.yaml")
    return Finding(name, "ok", f"{found} owns the organization")


def domain(name: str, case: Case) -> Finding:
    """Groups are made in the organization's own domain; whether another one is verified cannot be read here."""
    found, wanted = case.organization_found().get("displayName"), case.it.organization.domain
    if found != wanted:
        text = f"groups are made in {wanted}, the organization is {found}"
        return Finding(name, "warning", text, f"see that {wanted} is a verified domain of it in the Admin console")
    return Finding(name, "ok", f"groups are made in {wanted}, the organization's domain")


def parent(name: str, case: Case) -> Finding:
    """The parent is active and lies in the organization."""
    wanted = f"organizations/{case.it.organization.organization_id}"
    place = start = case.it.organization.parent
    for _ in range(_ANCESTORS):
        if not place.startswith("folders/"):
            break
        found = case.google.get("cloudresourcemanager", f"v3/{place}")
        if found.get("state") != "ACTIVE":
            return Finding(name, "failed", f"{place} is {found.get('state')}", "choose another parent")
        place = str(found.get("parent"))
    if place != wanted:
        return Finding(
            name, "failed", f"{start} lies in {place}, not in {wanted}", "correct parent in organization.yaml"
        )
    return Finding(name, "ok", f"{start} is active")


def billing(name: str, case: Case) -> Finding:
    """The billing account exists and is open."""
    id_ = case.it.organization.billing_account
    try:
        found = case.google.get("cloudbilling", f"v1/billingAccounts/{id_}")
    except Refused as error:
        if error.status != 404:
            raise
        way_out = "correct billing_account in organization.yaml; see 'gcloud billing accounts list'"
        return Finding(name, "failed", f"there is no billing account {id_}", way_out)
    if found.get("open") is not True:
        return Finding(name, "failed", f"billing account {id_} is closed", "reopen it, or choose another account")
    return Finding(name, "ok", f"{id_} is open")


def permissions(name: str, case: Case, scope: str) -> Finding:
    """The caller may do what the stacks need, on the organization, on its parent or on the billing account."""
    its = case.it.organization
    service, resource = {
        "organization": ("cloudresourcemanager", f"v3/organizations/{its.organization_id}"),
        "parent": ("cloudresourcemanager", f"v3/{its.parent}"),
        "billing": ("cloudbilling", f"v1/billingAccounts/{its.billing_account}"),
    }[scope]
    rows = [r for r in DATA["permissions"] if r["scope"] == scope and case.outline.makes_any(r["for"])]
    have = case.google.allowed(service, resource, [r["permission"] for r in rows]) if rows else set()
    missing = [r for r in rows if r["permission"] not in have]
    place = resource.partition("/")[2]
    if missing:
        text = "\n".join(f"{r['permission']} is missing (to {r['reason']})" for r in missing)
        roles = ", ".join(sorted({r["role"] for r in missing}))
        return Finding(name, "failed", text, f"have {roles} granted to you on {place}")
    return Finding(name, "ok", f"{len(rows)} permissions on {place}")


def quota_project(name: str, case: Case) -> Finding:
    """The project that a person's calls are counted to has the APIs enabled."""
    project, apis = case.google.quota_project, [f"{api}.googleapis.com" for api in DATA["quota_project_apis"]]
    if not project:
        text = "none is named: a service account needs none, a person's calls are refused without one"
        way_out = "persons: export GOOGLE_BILLING_PROJECT=<project> USER_PROJECT_OVERRIDE=true"
        return Finding(name, "warning", text, way_out)
    names = [f"projects/{project}/services/{api}" for api in apis]
    found = case.google.get("serviceusage", f"v1/projects/{project}/services:batchGet", names=names)
    enabled = {str(s.get("name")).rpartition("/")[2] for s in found.get("services", []) if s.get("state") == "ENABLED"}
    if missing := [api for api in apis if api not in enabled]:
        way_out = f"gcloud services enable {' '.join(missing)} --project {project}"
        return Finding(name, "failed", f"{project}: not enabled are {', '.join(missing)}", way_out)
    return Finding(name, "ok", f"{project}: {len(apis)} APIs enabled")


def access_policy(name: str, case: Case) -> Finding:
    """An organization has one access policy: it is made here, or named in the settings."""
    id_, wanted = case.it.organization.organization_id, case.it.organization.existing.access_policy
    found = case.google.get("accesscontextmanager", "v1/accessPolicies", parent=f"organizations/{id_}")
    whole = [str(p["name"]).partition("/")[2] for p in found.get("accessPolicies", []) if not p.get("scopes")]
    if wanted and wanted not in whole:
        text = f"the organization has no access policy {wanted}"
        return Finding(name, "failed", text, "correct existing.access_policy in organization.yaml")
    if whole and not wanted:
        text = f"the organization has access policy {whole[0]}, and Google allows one"
        return Finding(name, "failed", text, f'set existing.access_policy: "{whole[0]}" in organization.yaml')
    return Finding(name, "ok", f"access policy {wanted} exists" if wanted else "free to be made")


def project_ids(name: str, case: Case) -> Finding:
    """The ids to be used are free or ours. Google answers 403 for free ids and for those of others alike."""
    taken, hidden, unread = [], [], []
    for id_ in case.outline.projects:
        match case.projects[id_]:
            case Refused(status=404):
                pass
            case Refused(status=403):
                hidden.append(id_)
            case Inconclusive() as error:
                unread.append(f"{id_}: {error.text}")
            case {"state": "ACTIVE", "labels": {"managed-by": "blueprint"}}:
                pass
            case dict() as found:
                taken.append(f"{id_} exists and is not ours ({found.get('state')})")
    if taken:
        way_out = "choose another suffix in organization.yaml, or name them in existing.projects"
        return Finding(name, "failed", "\n".join(taken), way_out)
    if unread:
        return Finding(name, "unknown", "\n".join(unread), "run it again later")
    if hidden:
        text = f"{len(hidden)} ids are free or belong to somebody else; Google does not say which"
        return Finding(name, "unknown", text, "go on; if one is refused, choose another suffix in organization.yaml")
    if not case.outline.known:
        raise Inconclusive("the stacks could not be synthesized, so the ids are not known", "run 'blueprint synth'")
    return Finding(name, "ok", f"{len(case.outline.projects)} ids are free or ours")


def adopted_projects(name: str, case: Case) -> Finding:
    """The projects that the settings adopt exist."""
    adopted = sorted(a.id for a in case.it.organization.existing.projects.values())
    for id_ in adopted:
        match case.projects[id_]:
            case Inconclusive() as error:
                raise Inconclusive(f"{id_}: {error.text}", error.way_out)
            case dict() as found if found.get("state") != "ACTIVE":
                text = f"{id_} is {found.get('state')}"
                return Finding(name, "failed", text, "restore it, or take it out of existing.projects")
    return Finding(name, "ok", f"{len(adopted)} projects are adopted")


def project_quota(name: str, case: Case) -> Finding:
    """How many projects may be made cannot be read; where all of them exist it does not matter."""
    new = [id_ for id_ in case.outline.projects if not isinstance(case.projects[id_], dict)]
    if case.outline.known and not new:
        return Finding(name, "ok", "every project exists")
    many = f"{len(new)} new projects and as many links" if case.outline.known else "new projects and links"
    text = f"{many} to the billing account are needed; Google does not tell what is left of either quota"
    return Finding(name, "unknown", text, f"go on; if one is refused, ask at {DATA['project_quota_form']}")


CHECKS = {
    "organization": organization,
    "customer": customer,
    "groups domain": domain,
    "parent": parent,
    "billing account": billing,
    "quota project": quota_project,
    "access policy": access_policy,
    "project ids": project_ids,
    "adopted projects": adopted_projects,
    "project quota": project_quota,
}
