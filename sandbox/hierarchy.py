"""Data sources about what stands above resources: organization, billing, folders, projects, groups of people."""

import re
from typing import Any

from sandbox.diagnostics import Refused, not_found
from sandbox.question import Question
from sandbox.templates import digest_of, last

Values = dict[str, Any]


def project(question: Question) -> Values:
    project = last(question.text("project_id") or question.text("project"))
    if not project:
        raise Refused("project: required field is not set", "Set project_id here or project in the provider block.")
    found = question.store.get("google_project", f"projects/{project}")
    if found is None and project.isdigit():
        found = question.one("google_project", number=project)
    if found is None:
        raise not_found(f"Project {project}")
    return found


def existing_project(question: Question) -> str:
    project = question.project()
    if question.store.get("google_project", f"projects/{project}") is None:
        raise not_found(f"Project {project}")
    return project


def active_folder(question: Question) -> Values:
    return question.one("google_folder", display_name=question.config["display_name"], parent=question.config["parent"])


def folder(question: Question) -> Values:
    found = dict(question.one("google_folder", name=question.config["folder"]))
    return found | {"organization": _organization_of(question, found)}


def _organization_of(question: Question, folder: Values) -> str:
    parent = str(folder.get("parent") or "")
    while parent.startswith("folders/"):
        above = question.store.get("google_folder", parent)
        parent = str(above.get("parent") or "") if above else ""
    return parent


def organization(question: Question) -> Values:
    domain, number = question.text("domain"), last(question.text("organization"))
    if not number:
        number = str(question.store.number("organization", domain))
    customer = "C0" + digest_of("customer", "").hex()[:7]
    name, owner = f"organizations/{number}", {"directory_customer_id": customer, "lifecycle_state": "ACTIVE"}
    return {"id": name, "name": name, "org_id": number, "domain": domain or "example.com"} | owner


def billing_account(question: Question) -> Values:
    given = last(question.text("billing_account"))
    account = given or "-".join(re.findall("....../?", digest_of("billing", "").hex()[:18].upper()))
    projects = [str(v["project_id"]) for v in question.find("google_project", billing_account=account)]
    shown = {"display_name": question.text("display_name") or "Billing", "open": True, "project_ids": projects}
    return {"id": account, "name": f"billingAccounts/{account}"} | shown


def projects(question: Question) -> Values:
    """Projects by filter; of the filter language the sandbox knows `key:value` and `key=value` joined by spaces."""
    found = [values for _, values in question.store.find("google_project")]
    for term in question.text("filter").replace(" AND ", " ").split():
        key, _, value = term.replace("=", ":", 1).partition(":")
        found = [values for values in found if _matches(question, values, key, value)]
    return {"id": question.text("filter"), "projects": [_shown(question, values) for values in found]}


def _matches(question: Question, values: Values, key: str, value: str) -> bool:
    held = _shown(question, values)
    wanted = re.escape(value.strip('"')).replace(r"\*", ".*")
    if key.startswith("labels."):
        return re.fullmatch(wanted, str(held["labels"].get(key[7:], ""))) is not None
    names = {
        "id": held["project_id"],
        "name": held["name"],
        "lifecycleState": "ACTIVE",
        "projectId": held["project_id"],
    }
    names |= {"parent.id": held["parent"]["id"], "parent.type": held["parent"]["type"]}
    return re.fullmatch(wanted, str(names.get(key, ""))) is not None


def _shown(question: Question, values: Values) -> Values:
    folder, organization = values.get("folder_id"), values.get("org_id")
    parent = (
        {"type": "folder", "id": last(str(folder))} if folder else {"type": "organization", "id": str(organization)}
    )
    labels = values.get("effective_labels") or values.get("labels") or {}
    return {
        "project_id": values["project_id"],
        "name": values.get("name") or "",
        "number": str(question.project_number(values["project_id"])),
        "labels": labels,
        "lifecycle_state": "ACTIVE",
        "create_time": "",
        "parent": parent,
    }


def groups(question: Question) -> Values:
    found = question.find("google_cloud_identity_group", parent=question.config["parent"])
    return {"id": question.text("parent"), "groups": found}


def group(question: Question) -> Values:
    key = (question.config.get("group_key") or [{}])[0].get("id")
    for values in question.find("google_cloud_identity_group"):
        if (values.get("group_key") or [{}])[0].get("id") == key:
            return {"id": values["name"], "name": values["name"]}
    raise not_found(f"Group {key}")
