"""Bodies and parameters that the schema allows and that make no sense: every verb refuses them, none breaks."""

import json
import random
import re
from urllib.parse import quote, urlencode

import pytest

from sandbox.api import discovery, dispatch
from sandbox.api.dispatch import Wire

OPERATOR = {"authorization": "Bearer sandbox:operator"}
PLACE, ID = "projects/p1/locations/europe-west1", "xxxxxx"
AI, KMS, STORE = f"/aiplatform/v1/{PLACE}", f"/cloudkms/v1/{PLACE}/keyRings", f"metadataStores/{ID}"
KNOWN = {"projects": "p1", "locations": "europe-west1", "serviceAccounts": f"{ID}@p1.iam.gserviceaccount.com"}
FURNITURE = [
    (KMS, {"keyRingId": ID}, {}),
    (f"{KMS}/{ID}/cryptoKeys", {"cryptoKeyId": ID}, {"purpose": "ENCRYPT_DECRYPT"}),
    ("/secretmanager/v1/projects/p1/secrets", {"secretId": ID}, {"replication": {"automatic": {}}}),
    (f"/secretmanager/v1/projects/p1/secrets/{ID}:addVersion", {}, {"payload": {"data": "eA=="}}),
    ("/cloudbuild/v1/projects/p1/triggers", {}, {"name": ID, "filename": "x", "triggerTemplate": {"repoName": "x"}}),
    (f"{AI}/customJobs", {}, {"displayName": "j", "jobSpec": {"workerPoolSpecs": [{}]}}),
    (f"{AI}/models:upload", {}, {"modelId": ID, "model": {"displayName": "m"}}),
    (f"{AI}/endpoints", {"endpointId": ID}, {"displayName": "e"}),
    (f"{AI}/metadataStores", {"metadataStoreId": ID}, {}),
    (f"{AI}/{STORE}/contexts", {"contextId": ID}, {}),
    (f"{AI}/{STORE}/executions", {"executionId": ID}, {}),
    (f"{AI}/{STORE}/artifacts", {"artifactId": ID}, {}),
    ("/bigquery/bigquery/v2/projects/p1/datasets", {}, {"datasetReference": {"datasetId": ID}}),
    (f"/bigquery/bigquery/v2/projects/p1/datasets/{ID}/tables", {}, {"tableReference": {"tableId": ID}}),
    ("/storage/v1/b", {"project": "p1"}, {"name": ID}),
]
FORMS = {
    "byte": ["", "eA==", "eHh4"],
    "int64": ["0", "5", "-1"],
    "uint64": ["0", "5"],
    "google-duration": ["0s", "-1s", "5.5s"],
    "google-datetime": ["2026-01-01T00:00:00Z"],
    "google-fieldmask": ["", "name", "labels.x"],
}
TEXTS = [
    "",
    "x",
    "-",
    "a/b/c",
    "7",
    f"projects/p1/topics/{ID}",
    f"{PLACE}/models/{ID}",
    f"{PLACE}/{STORE}/artifacts/{ID}",
]
METHODS = sorted({*dispatch.methods(), "bigquery.jobs.insert"})


def value(api, schema, chance, depth=0):
    """Something that the schema allows."""
    while "$ref" in schema:
        schema = api.schemas[schema["$ref"]]
    kind = schema.get("type")
    if kind == "array":
        return [value(api, schema["items"], chance, depth + 1) for _ in range(chance.choice((0, 1, 1, 2)))]
    if kind == "object":
        if extra := schema.get("additionalProperties"):
            return {"k": value(api, extra, chance, depth + 1)} if depth < 4 else {}
        fields = schema.get("properties", {})
        odds = 0.7 if depth < 2 else 0.4 if depth < 4 else 0
        return {name: value(api, line, chance, depth + 1) for name, line in fields.items() if chance.random() < odds}
    plain = {"boolean": (True, False), "integer": (0, 1, 3), "number": (0, 1.5), "any": (None, "x", 5, [], {})}
    return chance.choice(plain.get(kind) or schema.get("enum") or FORMS.get(schema.get("format")) or TEXTS)


def send(cloud, http, path, query, body):
    return dispatch.answer(
        cloud, Wire(http, quote(path, safe="/:@"), urlencode(query), OPERATOR, json.dumps(body).encode())
    )


@pytest.mark.parametrize("method_id", METHODS)
def test_no_message_that_its_schema_allows_breaks_a_verb(cloud, method_id):
    name = method_id.partition(".")[0]
    api = next(
        api
        for version in reversed(discovery.versions()[name])
        if method_id in (api := discovery.api(name, version)).methods
    )
    method, chance = api.methods[method_id], random.Random(method_id)
    template = re.sub(r"v\d\w*/\{[^}]*\}", "v1/projects/p1", method.template)
    template = re.sub(r"(\w+)/\{[^}]*\}", lambda found: f"{found[1]}/{KNOWN.get(found[1], ID)}", template)
    path = f"/{template}" if name == "storage" else f"/{name}/{template}"
    schema = {"$ref": method.request} if method.request else {"type": "object"}
    asked = {key: line for key, line in method.parameters.items() if line.get("location") == "query"}
    for place, query, body in FURNITURE:
        send(cloud, "POST", place, query, body)
    for _ in range(12):
        query = {
            key: str(value(api, line, chance)).lower() if line.get("type") == "boolean" else value(api, line, chance)
            for key, line in asked.items()
            if line.get("required") or chance.random() < 0.3
        }
        body = value(api, schema, chance)
        answer = send(cloud, method.http, path, query, body)
        assert answer.status < 500 or answer.status == 501, (query, body, answer.body)
    cloud.operations.wait()
