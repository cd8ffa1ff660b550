"""Rebuilds discovery.pack from a wheel of google-api-python-client and from the installed client libraries.

    pip download --no-deps google-api-python-client==2.202.0
    python -m sandbox.facts.refresh_discovery --wheel google_api_python_client-2.202.0-py3-none-any.whl --date DATE

Kept of each document: routes, parameters and schemas. Left out: every description. Added: `numbers` of enums and the
`result` of operations, read from the client libraries; `required` where Google's description begins with that word.
"""

import argparse
import importlib.util
import json
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sandbox.facts.clients import Client, shape

_FOLDER = "googleapiclient/discovery_cache/documents/"
_KEPT = ("name", "version", "revision", "rootUrl", "servicePath", "parameters", "resources", "methods", "schemas")
_DROPPED = ("description", "enumDescriptions", "enumDeprecated", "scopes", "parameterOrder", "deprecated")
_CLIENTS: dict[str, tuple[str, str, str] | None] = {  # API -> (module, proto package, distribution)
    "aiplatform.v1": ("google.cloud.aiplatform_v1", "google.cloud.aiplatform.v1", "aiplatform"),
    "aiplatform.v1beta1": ("google.cloud.aiplatform_v1beta1", "google.cloud.aiplatform.v1beta1", "aiplatform"),
    "artifactregistry.v1": (
        "google.cloud.artifactregistry_v1", "google.devtools.artifactregistry.v1", "artifact-registry",
    ),
    "bigquery.v2": None,
    "cloudbuild.v1": ("google.cloud.devtools.cloudbuild_v1", "google.devtools.cloudbuild.v1", "build"),
    "cloudbuild.v2": ("google.cloud.devtools.cloudbuild_v2", "google.devtools.cloudbuild.v2", "build"),
    "cloudkms.v1": ("google.cloud.kms_v1", "google.cloud.kms.v1", "kms"),
    "cloudresourcemanager.v1": None,
    "cloudresourcemanager.v3": (
        "google.cloud.resourcemanager_v3", "google.cloud.resourcemanager.v3", "resource-manager",
    ),
    "composer.v1": None,
    "config.v1": ("google.cloud.config_v1", "google.cloud.config.v1", "config"),
    "containeranalysis.v1": None,
    "iam.v1": None,
    "iamcredentials.v1": None,
    "monitoring.v3": None,
    "orgpolicy.v2": ("google.cloud.orgpolicy_v2", "google.cloud.orgpolicy.v2", "org-policy"),
    "pubsub.v1": ("google.pubsub_v1", "google.pubsub.v1", "pubsub"),
    "secretmanager.v1": ("google.cloud.secretmanager_v1", "google.cloud.secretmanager.v1", "secret-manager"),
    "serviceusage.v1": ("google.cloud.service_usage_v1", "google.api.serviceusage.v1", "service-usage"),
    "storage.v1": None,
}  # fmt: skip


def document(raw: bytes, client: Client | None) -> dict[str, Any]:
    """One document as it is kept."""
    full = json.loads(raw)
    out = {key: _bare(full[key]) for key in _KEPT if key in full}
    for name, schema in out["schemas"].items():
        _mark(schema, full["schemas"][name], _message(name), client)
    if client is not None:
        _results(out, client)
    return out


def _bare(node: Any) -> Any:
    """Without texts; names of properties and parameters are no texts, even when they read `description`."""
    if isinstance(node, list):
        return [_bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _bare(item) for key, item in node.items() if key not in _DROPPED or isinstance(item, dict)}


def _mark(kept: dict[str, Any], full: dict[str, Any], message: str, client: Client | None) -> None:
    for name, line in full.get("properties", {}).items():
        ours = kept["properties"][name]
        if str(line.get("description", "")).startswith("Required."):
            ours["required"] = True
        place = ours.get("items", ours)
        if client is not None and "enum" in place and (numbers := client.numbers(message, place["enum"])):
            place["numbers"] = numbers


def _message(schema: str) -> str:
    """The message that a schema is named after: `GoogleCloudAiplatformV1Model` is a `Model`."""
    for cut in ("V1beta1", "V1", "V2"):
        if schema.startswith("Google") and cut in schema:
            return schema.partition(cut)[2]
    return schema


def _results(node: dict[str, Any], client: Client) -> None:
    for method in node.get("methods", {}).values():
        result = client.results.get((method["httpMethod"], shape(method.get("flatPath", method["path"]))))
        if result:
            method["result"] = result
    for child in node.get("resources", {}).values():
        _results(child, client)


def main() -> None:
    cli = argparse.ArgumentParser()
    cli.add_argument("--wheel", type=Path, required=True)
    cli.add_argument("--date", required=True)
    cli.add_argument("--out", type=Path, default=Path(__file__).with_name("discovery.pack"))
    arguments = cli.parse_args()
    revisions = {}
    with zipfile.ZipFile(arguments.wheel) as wheel, zipfile.ZipFile(arguments.out, "w") as out:
        for api, client in _CLIENTS.items():
            known = Client.read(_place(client[0]), client[1]) if client else None
            kept = document(wheel.read(f"{_FOLDER}{api}.json"), known)
            revisions[api] = kept["revision"]
            entry = zipfile.ZipInfo(f"{api}.json", (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, json.dumps(kept, separators=(",", ":")), compresslevel=9)
    clients = sorted({f"google-cloud-{client[2]}" for client in _CLIENTS.values() if client})
    about = {
        "source": f"discovery documents in {arguments.wheel.name}; "
        + ", ".join(f"{name} {version(name)}" for name in clients),
        "date": arguments.date,
        "licence": "Apache-2.0",
        "refresh": "python -m sandbox.facts.refresh_discovery",
        "missing": "Service Catalog (cloudprivatecatalog*) and Model Armor have no discovery document",
        "revisions": revisions,
    }
    arguments.out.with_name("discovery.json").write_text(json.dumps(about, indent=2) + "\n")
    print(f"{len(revisions)} APIs, {arguments.out.stat().st_size} bytes")


def _place(module: str) -> Path:
    found = importlib.util.find_spec(module)
    return Path((found.submodule_search_locations or [])[0]) if found else Path()


if __name__ == "__main__":
    main()
