"""Data sources whose answer is more than "the resource with this id"."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from sandbox import hierarchy, policy_data
from sandbox.diagnostics import not_found
from sandbox.question import Question
from sandbox.templates import agent, digest_of, last

Values = dict[str, Any]


def of_the_project(question: Question) -> Values:
    """The rest: only what was asked and the provider's own settings are known."""
    names = ("project", "region", "zone")
    return {name: question.settings.default(name) for name in names} | {"location": question.settings.default("region")}


def _agent(service: str) -> Callable[[Question], Values]:
    def answer(question: Question) -> Values:
        project = hierarchy.existing_project(question)
        email = agent(service, question.project_number(project))
        question.store.number("agent", email)  # asking for it makes it
        names = {"project": project, "email": email, "email_address": email, "id": email}
        return names | {"member": f"serviceAccount:{email}"}

    return answer


def _compute_account(question: Question) -> Values:
    project = hierarchy.existing_project(question)
    email = f"{question.project_number(project)}-compute@developer.gserviceaccount.com"
    name = f"projects/{project}/serviceAccounts/{email}"
    shown = {"display_name": "Compute Engine default service account", "member": f"serviceAccount:{email}"}
    unique = str(question.store.number("account", email))
    return {"id": name, "name": name, "email": email, "unique_id": unique, "project": project} | shown


def _log_encryption(question: Question) -> Values:
    """The identity that encrypts a project's logs is not the service agent: it has an address of its own."""
    project = hierarchy.existing_project(question)
    number = question.project_number(project)
    account = f"cmek-p{number}@gcp-sa-logging.iam.gserviceaccount.com"
    name = f"projects/{project}/cmekSettings"
    writer = f"service-{number}@gcp-sa-logging.iam.gserviceaccount.com"
    return {"id": name, "name": name, "service_account_id": account, "logging_service_account_id": writer}


def _client(question: Question) -> Values:
    settings = question.settings
    where = {name: settings.default(name) or "" for name in ("project", "region", "zone")}
    shown = {"access_token": "ya29." + digest_of("token", "").hex(), "default_labels": settings.default_labels}
    return {"id": f"projects/{where['project']}/regions/{where['region']}/zones/{where['zone']}"} | where | shown


def _user(question: Question) -> Values:
    return {"id": "sandbox@example.com", "email": "sandbox@example.com"}


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


def _logging(question: Question) -> Values:
    """Settings of the log router: the account that needs the key, and the one that writes."""
    config = question.config
    if "project" in config:
        owner, tag = f"projects/{hierarchy.existing_project(question)}", ""
        number = str(question.project_number(question.project()))
    else:
        kind, tag = ("folders", "folder-") if config.get("folder") else ("organizations", "org-")
        number = last(question.text("folder") or question.text("organization"))
        owner = f"{kind}/{number}"
    email = f"service-{tag}{number}@gcp-sa-logging.iam.gserviceaccount.com"
    accounts = dict.fromkeys(("kms_service_account_id", "logging_service_account_id"), email)
    return {"id": f"{owner}/settings", "name": f"{owner}/settings", **accounts}


def _key_version(question: Question) -> Values:
    """A version that was made as such, or the first one, which every key is born with."""
    key, number = question.text("crypto_key"), int(question.config.get("version") or 1)
    for values in question.find("google_kms_crypto_key_version", crypto_key=key):
        if values["name"] == f"{key}/cryptoKeyVersions/{number}":
            return values
    born = question.store.get("google_kms_crypto_key", key)
    if born is None or number != 1:
        raise not_found(f"{key}/cryptoKeyVersions/{number}")
    template = (born.get("version_template") or [{}])[0]
    algorithm = template.get("algorithm") or "GOOGLE_SYMMETRIC_ENCRYPTION"
    name, level = f"{key}/cryptoKeyVersions/1", template.get("protection_level") or "SOFTWARE"
    public = [] if born["purpose"] == "ENCRYPT_DECRYPT" else [{"algorithm": algorithm, "pem": _pem(name)}]
    described = {"algorithm": algorithm, "protection_level": level, "state": "ENABLED", "public_key": public}
    return {"id": f"//cloudkms.googleapis.com/v1/{name}", "name": name, "version": 1} | described


def _pem(name: str) -> str:
    """Shaped like a public key; nothing verifies with it."""
    body = b64encode(digest_of(name) * 3).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body[:64]}\n{body[64:]}\n-----END PUBLIC KEY-----\n"


def _zones(question: Question) -> Values:
    region = question.text("region")
    return {"id": region, "names": [f"{region}-{letter}" for letter in "abc"], "project": question.project()}


ANSWERS: dict[str, Callable[[Question], Values]] = {
    "google_project": hierarchy.project,
    "google_projects": hierarchy.projects,
    "google_active_folder": hierarchy.active_folder,
    "google_folder": hierarchy.folder,
    "google_organization": hierarchy.organization,
    "google_billing_account": hierarchy.billing_account,
    "google_client_config": _client,
    "google_client_openid_userinfo": _user,
    "google_storage_project_service_account": _agent("storage.googleapis.com"),
    "google_bigquery_default_service_account": _agent("bigquery.googleapis.com"),
    "google_compute_default_service_account": _compute_account,
    "google_compute_subnetworks": _subnetworks,
    "google_kms_crypto_key_version": _key_version,
    "google_logging_project_cmek_settings": _log_encryption,
    "google_compute_zones": _zones,
    "google_secret_manager_secret_version": _secret_version,
    "google_secret_manager_secret_version_access": _secret_version,
    "google_cloud_identity_groups": hierarchy.groups,
    "google_cloud_identity_group_lookup": hierarchy.group,
    "google_logging_project_settings": _logging,
    "google_logging_folder_settings": _logging,
    "google_logging_organization_settings": _logging,
    "google_iam_policy": policy_data.policy,
    "google_netblock_ip_ranges": _ranges,
}
