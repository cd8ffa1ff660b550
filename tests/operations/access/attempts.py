"""Trying it: what a question asks for, done with Google's own clients against the sandbox as that person."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request

from google.api_core.exceptions import Forbidden, GoogleAPICallError, MethodNotImplemented
from google.cloud import artifactregistry_v1, bigquery, resourcemanager_v3, secretmanager

from sandbox import redirect
from tests.operations.access.calls import CALLS, Target

CLIENT, ASKING = "client", "testIamPermissions"
ROWS = "it has row access policies"
NOTEBOOKS = "the sandbox has instances, made by Terraform alone, and no API of Notebooks"
LOGS = "the sandbox keeps no log entries, and serves no API of logs"
COMPOSER = "no client of Composer is among the packages, and pages of Airflow are no calls of Google's API"
ARMOR = "the sandbox has templates of Model Armor, and judges no text by them"
ONLY_ASKED = {
    "bigquery.datasets.setIamPolicy": "no method of BigQuery is for it alone: datasets.update is refused before",
    "bigquery.readsessions.create": "the client speaks gRPC alone, and the sandbox REST",
    "bigquery.tables.createSnapshot": "a statement of SQL, which the sandbox's engine does not know",
    "composer.dags.execute": COMPOSER,
    "composer.environments.get": COMPOSER,
    "composer.environments.create": "the sandbox serves environments, and makes them by Terraform alone",
    "logging.buckets.delete": LOGS,
    "logging.logEntries.list": LOGS,
    "logging.logs.delete": LOGS,
    "logging.privateLogEntries.list": LOGS,
    "modelarmor.templates.update": ARMOR,
    "modelarmor.templates.useToSanitizeModelResponse": ARMOR,
    "modelarmor.templates.useToSanitizeUserPrompt": ARMOR,
    "notebooks.instances.create": NOTEBOOKS,
    "notebooks.instances.get": NOTEBOOKS,
    "notebooks.instances.start": NOTEBOOKS,
    "serviceusage.services.use": "asked beside other permissions; no method is for it alone",
    "storage.hmacKeys.create": "the sandbox has no such keys: its requests bear tokens",
}
"""Permissions for which testIamPermissions is all that can be tried here, and why."""


def attempt(principal: str, permission: str, resource: str) -> tuple[bool, str]:
    """Whether it works as `principal`, and by which way it was tried. Only IAM's refusal counts as a no.

    A call that IAM lets through may still miss what it names (404, 400), or be left to policies of rows; one that the
    sandbox does not know raises.
    """
    os.environ[redirect.PRINCIPAL] = principal
    target = Target(resource)
    if permission in ONLY_ASKED:
        return permission in _held(target, permission), ASKING
    try:
        CALLS[permission](target)
    except Forbidden as refusal:
        if permission in str(refusal):
            return False, CLIENT
        if ROWS in str(refusal):
            return True, CLIENT
        return permission in _held(target, permission), ASKING  # refused for another permission on the way
    except MethodNotImplemented:
        raise
    except GoogleAPICallError:
        return True, CLIENT
    return True, CLIENT


def _held(target: Target, permission: str) -> list[str]:
    """testIamPermissions, by the client of the service where there is one."""
    resource = target.resource
    if "/buckets/" in resource and "/objects/" not in resource:
        return list(target.bucket.test_iam_permissions([permission]))
    asked = {"resource": target.name, "permissions": [permission]}
    if "/tables/" in resource:
        found = bigquery.Client(project=target.project).test_iam_permissions(target.table, [permission])
        return list(found.get("permissions", []))
    if "/repositories/" in resource:
        return list(artifactregistry_v1.ArtifactRegistryClient().test_iam_permissions(asked).permissions)
    if "/secrets/" in resource:
        return list(secretmanager.SecretManagerServiceClient().test_iam_permissions(asked).permissions)
    if resource.startswith("//cloudresourcemanager.googleapis.com/projects/"):
        return list(resourcemanager_v3.ProjectsClient().test_iam_permissions(asked).permissions)
    return _asked(target, permission)


def _asked(target: Target, permission: str) -> list[str]:
    """The generic call, for services of which no client is installed."""
    host = target.resource[2:].partition(".")[0]
    address = f"{os.environ[redirect.ENDPOINT]}/{host}/v1/{target.name}:testIamPermissions"
    token = {"authorization": f"Bearer sandbox:{os.environ[redirect.PRINCIPAL]}", "content-type": "application/json"}
    request = urllib.request.Request(address, json.dumps({"permissions": [permission]}).encode(), token)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            held: list[str] = json.load(answer).get("permissions", [])
            return held
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{address}: {error.code} {error.read().decode()}") from None
