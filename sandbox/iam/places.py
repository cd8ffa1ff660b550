"""Full resource names: what an IAM resource is about, and what a resource lies in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox import facts

MANAGER = "//cloudresourcemanager.googleapis.com/"
_POLICIES = "//accesscontextmanager.googleapis.com/accessPolicies/"
KIND = re.compile(r"_iam_(member|binding|policy)$")
_FIELD = re.compile(r"\{(\w+)\}")
_TAIL = re.compile(r"(/\{(role|member)\})+$")
# Types whose address at Google does not follow from the provider's URLs.
_SPECIAL = {
    "google_organization": MANAGER + "organizations/{org_id}",
    "google_folder": MANAGER + "folders/{folder|last}",
    "google_project": MANAGER + "projects/{project|last}",
    "google_storage_bucket": "//storage.googleapis.com/projects/_/buckets/{bucket|last}",
    "google_pubsub_subscription": "//pubsub.googleapis.com/projects/{project|last}/subscriptions/{subscription|last}",
    "google_service_account": "//iam.googleapis.com/{service_account_id}",
    "google_billing_account": "//cloudbilling.googleapis.com/billingAccounts/{billing_account_id|last}",
    "google_access_context_manager_access_policy": "//accesscontextmanager.googleapis.com/accessPolicies/{name|last}",
    "google_kms_crypto_key": "//cloudkms.googleapis.com/{crypto_key_id}",
    "google_kms_key_ring": "//cloudkms.googleapis.com/{key_ring_id}",
}
_SLOT = re.compile(r"\{(\w+)(\|last)?\}")


def about(type_: str, values: Mapping[str, Any]) -> str:
    """Full resource name of what an IAM resource grants access to."""
    parent = KIND.sub("", type_)
    if parent in _SPECIAL:
        return _SLOT.sub(lambda slot: _text(values, slot[1], short=bool(slot[2])), _SPECIAL[parent])
    template = _TAIL.sub("", str(facts.of(type_).get("id", "")))
    path = _FIELD.sub(lambda field: _text(values, field[1], short=field.start() > 0), template)
    return f"//{_host(parent)}/{path}"


def _text(values: Mapping[str, Any], name: str, *, short: bool) -> str:
    text = str(values.get(name) or "")
    return text.rpartition("/")[2] if short else text


def _host(parent: str) -> str:
    """The API of a resource type, by the address that creates it."""
    base = re.match(r"\{(\w+)\}", str(facts.of(parent).get("url", "")))
    address = facts.provider()["apis"].get(base[1], "") if base else ""
    word = parent.removeprefix("google_").partition("_")[0]
    host: str = urlsplit(address).hostname or f"{word}.googleapis.com"
    return re.sub(r"^\{\w+\}-", "", host)


class Places:
    """Where resources lie: organization over folders over projects over everything else."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._buckets: dict[str, str] = {}

    def learn(self, type_: str, values: Mapping[str, Any]) -> None:
        """Take notice of what other resources lie in."""
        if type_ == "google_project":
            name = MANAGER + f"projects/{values.get('project_id')}"
            self._numbers[str(values.get("number"))] = str(values.get("project_id"))
            if values.get("folder_id"):
                self._parents[name] = MANAGER + "folders/" + str(values["folder_id"]).rpartition("/")[2]
            elif values.get("org_id"):
                self._parents[name] = MANAGER + f"organizations/{values['org_id']}"
        elif type_ == "google_folder":
            self._parents[MANAGER + str(values.get("name"))] = MANAGER + str(values.get("parent"))
        elif type_ == "google_access_context_manager_access_policy":
            self._parents[_POLICIES + str(values.get("name")).rpartition("/")[2]] = MANAGER + str(values.get("parent"))
        elif type_ in ("google_tags_tag_key", "google_tags_tag_value"):
            self._parents[MANAGER + str(values.get("id"))] = MANAGER + str(values.get("parent"))
        elif type_ == "google_storage_bucket":
            self._buckets[str(values.get("name"))] = MANAGER + f"projects/{values.get('project')}"

    def project(self, number: str) -> str:
        """The id of a project that is named by its number or its id."""
        return self._numbers.get(number, number)

    def plain(self, resource: str) -> str:
        """The same resource named by project id instead of number, and with the project of a service account."""
        name = re.sub(r"/projects/(\d+)(?=/|$)", lambda m: f"/projects/{self._numbers.get(m[1], m[1])}", resource)
        return re.sub(r"/projects/-(/serviceAccounts/[^@/]+@([^./]+)\.)", r"/projects/\2\1", name)

    def above(self, resource: str) -> Iterator[str]:
        """The resource and everything it lies in, innermost first. Every part of its own path counts."""
        host, _, path = resource[2:].partition("/")
        parts = path.split("/")
        for end in range(len(parts), 1, -1):
            yield f"//{host}/{'/'.join(parts[:end])}"
        project = self._project(host, parts)
        while project:
            if project != resource:
                yield project
            project = self._parents.get(project, "")

    def _project(self, host: str, parts: list[str]) -> str:
        if host == "storage.googleapis.com" and parts[:2] == ["projects", "_"] and len(parts) > 3:
            return self._buckets.get(parts[3], "")
        if parts[0] in ("projects", "folders", "organizations") and len(parts) > 1:
            return MANAGER + "/".join(parts[:2])
        return self._parents.get(f"//{host}/{'/'.join(parts[:2])}", "")
