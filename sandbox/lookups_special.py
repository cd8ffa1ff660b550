"""Data sources whose answer is more than "the resource with this id"."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.configuration import Configuration
from sandbox.diagnostics import Refused, not_found
from sandbox.store import Store
from sandbox.templates import agent, digest_of, last

Values = dict[str, Any]


@dataclass
class Question:
    """What a data source asks for, and where the answer may be found."""

    type_: str
    config: Values
    store: Store
    settings: Configuration

    def asked(self) -> Values:
        """What the configuration narrows the search by."""
        return {name: v for name, v in self.config.items() if v not in (None, [], {}, "") and not isinstance(v, dict)}

    def attribute(self, name: str) -> Any:
        return self.config.get(name) or self.settings.default(name)

    def text(self, name: str) -> str:
        return str(self.attribute(name) or "")

    def project(self) -> str:
        project = last(self.text("project"))
        if not project:
            raise Refused("project: required field is not set", "Set project here or in the provider block.")
        return project

    def project_number(self, project: str) -> int:
        return self.store.number("project", project)

    def own_number(self) -> int:
        return self.store.number(self.type_, json.dumps(self.asked(), sort_keys=True))

    def digest(self) -> bytes:
        return digest_of(self.type_, json.dumps(self.asked(), sort_keys=True))

    def now(self) -> str:
        return "2026-01-01T00:00:00Z"

    def related(self, filter_: str, value: str) -> str:
        return value

    def find(self, type_: str, **wanted: Any) -> list[Values]:
        """The resources of a type with these values, compared by their last path segment."""
        return [
            values
            for _, values in self.store.find(type_)
            if all(last(str(values.get(name) or "")) == last(str(value)) for name, value in wanted.items())
        ]

    def one(self, type_: str, **wanted: Any) -> Values:
        found = self.find(type_, **wanted)
        if len(found) == 1:
            return found[0]
        said = ", ".join(f'{name} "{value}"' for name, value in wanted.items())
        if found:
            raise Refused(f"{type_} with {said}: {len(found)} found, expected one")
        raise not_found(f"{type_} with {said}")


def of_the_project(question: Question) -> Values:
    """The rest: only what was asked and the provider's own settings are known."""
    names = ("project", "region", "zone")
    return {name: question.settings.default(name) for name in names} | {"location": question.settings.default("region")}


def _project(question: Question) -> Values:
    project = last(question.text("project_id") or question.text("project"))
    if not project:
        raise Refused("project: required field is not set", "Set project_id here or project in the provider block.")
    found = question.store.get("google_project", f"projects/{project}")
    if found is None and project.isdigit():
        found = question.one("google_project", number=project)
    if found is None:
        raise not_found(f"Project {project}")
    return found


def _existing_project(question: Question) -> str:
    project = question.project()
    if question.store.get("google_project", f"projects/{project}") is None:
        raise not_found(f"Project {project}")
    return project


def _agent(service: str) -> Callable[[Question], Values]:
    def answer(question: Question) -> Values:
        project = _existing_project(question)
        email = agent(service, question.project_number(project))
        names = {"project": project, "email": email, "email_address": email, "id": email}
        return names | {"member": f"serviceAccount:{email}"}

    return answer


def _compute_account(question: Question) -> Values:
    project = _existing_project(question)
    email = f"{question.project_number(project)}-compute@developer.gserviceaccount.com"
    name = f"projects/{project}/serviceAccounts/{email}"
    shown = {"display_name": "Compute Engine default service account", "member": f"serviceAccount:{email}"}
    unique = str(question.store.number("account", email))
    return {"id": name, "name": name, "email": email, "unique_id": unique, "project": project} | shown


def _active_folder(question: Question) -> Values:
    return question.one("google_folder", display_name=question.config["display_name"], parent=question.config["parent"])


def _folder(question: Question) -> Values:
    found = dict(question.one("google_folder", name=question.config["folder"]))
    return found | {"organization": _organization_of(question, found)}


def _organization_of(question: Question, folder: Values) -> str:
    parent = str(folder.get("parent") or "")
    while parent.startswith("folders/"):
        above = question.store.get("google_folder", parent)
        parent = str(above.get("parent") or "") if above else ""
    return parent


def _organization(question: Question) -> Values:
    domain, number = question.text("domain"), last(question.text("organization"))
    if not number:
        number = str(question.store.number("organization", domain))
    customer = "C0" + digest_of("customer", "").hex()[:7]
    name, owner = f"organizations/{number}", {"directory_customer_id": customer, "lifecycle_state": "ACTIVE"}
    return {"id": name, "name": name, "org_id": number, "domain": domain or "example.com"} | owner


def _billing_account(question: Question) -> Values:
    given = last(question.text("billing_account"))
    account = given or "-".join(re.findall("....../?", digest_of("billing", "").hex()[:18].upper()))
    projects = [str(v["project_id"]) for v in question.find("google_project", billing_account=account)]
    shown = {"display_name": question.text("display_name") or "Billing", "open": True, "project_ids": projects}
    return {"id": account, "name": f"billingAccounts/{account}"} | shown


def _client(question: Question) -> Values:
    settings = question.settings
    where = {name: settings.default(name) or "" for name in ("project", "region", "zone")}
    shown = {"access_token": "ya29." + digest_of("token", "").hex(), "default_labels": settings.default_labels}
    return {"id": f"projects/{where['project']}/regions/{where['region']}/zones/{where['zone']}"} | where | shown


def _user(question: Question) -> Values:
    return {"id": "sandbox@example.com", "email": "sandbox@example.com"}


def _policy(question: Question) -> Values:
    """Pure computation: the configuration as the JSON that IAM takes."""
    bindings = [
        {key: value for key, value in _binding(item).items() if value}
        for item in sorted(question.config.get("binding") or [], key=lambda item: str(item["role"]))
    ]
    audits = [
        {
            "auditLogConfigs": [
                {"exemptedMembers": sorted(log.get("exempted_members") or []), "logType": log["log_type"]}
                for log in item.get("audit_log_configs") or []
            ],
            "service": item["service"],
        }
        for item in question.config.get("audit_config") or []
    ]
    data: Values = {"auditConfigs": audits} if audits else {}
    text = json.dumps(data | {"bindings": bindings}, separators=(",", ":"))
    return {"policy_data": text, "id": str(int.from_bytes(digest_of(text)[:4]))}


def _binding(item: Values) -> Values:
    (condition,) = item.get("condition") or [None]
    out = {"members": sorted(item.get("members") or []), "role": item["role"]}
    return {"condition": condition, **out} if condition else out


def _existing_policy(question: Question) -> Values:
    """The policy that the IAM resources about one parent add up to."""
    base = question.type_.removesuffix("_iam_policy")
    bindings: dict[str, set[str]] = {}
    wanted = question.asked()
    for kind in ("member", "binding"):
        for values in question.find(f"{base}_iam_{kind}", **wanted):
            bindings.setdefault(values["role"], set()).update(values.get("members") or [values.get("member")])
    shown = [{"members": sorted(members), "role": role} for role, members in sorted(bindings.items())]
    return {"policy_data": json.dumps({"bindings": shown}, separators=(",", ":")), "etag": "BwXhqDVeRkA="}


def _projects(question: Question) -> Values:
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


def _groups(question: Question) -> Values:
    found = question.find("google_cloud_identity_group", parent=question.config["parent"])
    return {"id": question.text("parent"), "groups": found}


def _group(question: Question) -> Values:
    key = (question.config.get("group_key") or [{}])[0].get("id")
    for values in question.find("google_cloud_identity_group"):
        if (values.get("group_key") or [{}])[0].get("id") == key:
            return {"id": values["name"], "name": values["name"]}
    raise not_found(f"Group {key}")


def _subnetworks(question: Question) -> Values:
    region = question.text("region")
    found = question.find("google_compute_subnetwork", project=question.project(), region=region)
    return {"id": f"projects/{question.project()}/regions/{region}/subnetworks", "subnetworks": found}


def _secret_version(question: Question) -> Values:
    secret = last(question.text("secret"))
    found = [
        values
        for values in question.find("google_secret_manager_secret_version")
        if last(str(values.get("secret"))) == secret
    ]
    version = question.config.get("version")
    if version not in (None, "latest"):
        found = [values for values in found if str(values["version"]) == version]
    if not found:
        raise not_found(f"Secret Version {secret}/versions/{version or 'latest'}")
    return max(found, key=lambda values: int(values["version"]))


def _ranges(question: Question) -> Values:
    """A few of Google's published ranges; the full and current list is at gstatic.com/ipranges."""
    known = {
        "restricted-googleapis": ["199.36.153.4/30"],
        "private-googleapis": ["199.36.153.8/30"],
        "health-checkers": ["35.191.0.0/16", "130.211.0.0/22"],
        "legacy-health-checkers": ["35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"],
        "iap-forwarders": ["35.235.240.0/20"],
        "dns-forwarders": ["35.199.192.0/19"],
    }
    kind = question.text("range_type")
    ranges = known.get(kind, ["34.64.0.0/10", "35.184.0.0/13"])
    return {"id": f"netblock-ip-ranges-{kind}", "cidr_blocks": ranges, "cidr_blocks_ipv4": ranges}


def _zones(question: Question) -> Values:
    region = question.text("region")
    return {"id": region, "names": [f"{region}-{letter}" for letter in "abc"], "project": question.project()}


ANSWERS: dict[str, Callable[[Question], Values]] = {
    "google_project": _project,
    "google_projects": _projects,
    "google_active_folder": _active_folder,
    "google_folder": _folder,
    "google_organization": _organization,
    "google_billing_account": _billing_account,
    "google_client_config": _client,
    "google_client_openid_userinfo": _user,
    "google_storage_project_service_account": _agent("storage.googleapis.com"),
    "google_bigquery_default_service_account": _agent("bigquery.googleapis.com"),
    "google_compute_default_service_account": _compute_account,
    "google_compute_subnetworks": _subnetworks,
    "google_compute_zones": _zones,
    "google_secret_manager_secret_version": _secret_version,
    "google_secret_manager_secret_version_access": _secret_version,
    "google_cloud_identity_groups": _groups,
    "google_cloud_identity_group_lookup": _group,
    "google_iam_policy": _policy,
    "google_netblock_ip_ranges": _ranges,
}
