"""The checks at Google, against a server that answers well, badly, or not at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from operations import credentials, preflight
from operations.credentials import Credentials
from operations.doctor import before_first_change, examine
from operations.estate_outline import Outline
from operations.google_api import ENDPOINT, Google, Unreachable, endpoint
from operations.graph import Graph
from operations.outcome import Exit, OperationFailed
from settings.loading import read
from settings.names import Names
from settings.problems import InvalidSettings
from tests.operations.google_server import (
    BILLING,
    DROP,
    HANG,
    ORGANIZATION,
    QUOTA_PROJECT,
    ROOT,
    own_settings,
    refusal,
    serving,
)

TOKEN = "ya29.a-secret"
ORG = f"/cloudresourcemanager/v3/organizations/{ORGANIZATION}"
ACCOUNT = f"/cloudbilling/v1/billingAccounts/{BILLING}"
POLICIES = f"/orgpolicy/v2/organizations/{ORGANIZATION}/policies"
PROJECT = "/cloudresourcemanager/v3/projects/acme-com-seed-k7q2"
ACCESS = "/accesscontextmanager/v1/accessPolicies"
SERVICES = f"/serviceusage/v1/projects/{QUOTA_PROJECT}/services:batchGet"
OUTLINE = Outline(("acme-com-seed-k7q2",), None)
ACTIVE = {"displayName": "mlworks.test", "directoryCustomerId": "C0mlworks", "state": "ACTIVE"}
OURS = {"state": "ACTIVE", "labels": {"managed-by": "blueprint"}}


@pytest.fixture
def google():
    with serving() as server:
        yield server


@pytest.fixture
def graph(tmp_path):
    """Two synthesized stacks: one applied in person, one by a deployer."""
    stacks = {
        "bootstrap": {"resource": {"google_project": {"seed": {"project_id": "acme-com-seed-k7q2"}}}},
        "organization": {
            "provider": {"google": [{"impersonate_service_account": "deploy@acme.test"}]},
            "resource": {"google_project": {"logging": {"project_id": "acme-com-logging-k7q2"}}, "google_folder": {}},
        },
    }
    manifest = {}
    for name, document in stacks.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        manifest[name] = {"synthesizedStackPath": f"{name}.json", "dependencies": []}
    (tmp_path / "manifest.json").write_text(json.dumps({"stacks": manifest}))
    return Graph.read(tmp_path)


@pytest.fixture
def it(tmp_path):
    return read(own_settings(tmp_path / "settings"))


def ask(google, it, outline=OUTLINE, quota_project=QUOTA_PROJECT):
    found = preflight.findings(it, outline, Credentials(TOKEN, "test", True, quota_project), google.endpoint)
    return {f.name: f for f in found}


def policy(**rule):
    return 200, {"spec": {"rules": [rule]}}


def allowed(*values):
    return policy(values={"allowedValues": list(values)})


def denied(*values):
    return policy(values={"deniedValues": list(values)})


def effective(constraint):
    return f"{POLICIES}/{constraint}:getEffectivePolicy"


def test_a_prepared_organization_passes_all_but_what_google_does_not_tell(google, it):
    verdicts = {name: f.verdict for name, f in ask(google, it).items()}
    assert {name for name, verdict in verdicts.items() if verdict != "ok"} == {"project quota", "project ids"}
    assert verdicts["project quota"] == "unknown"


def test_where_everything_exists_and_is_ours_nothing_is_left_unknown(google, it):
    google.answers[PROJECT] = (200, OURS)
    found = ask(google, it, Outline(OUTLINE.projects, frozenset({"google_project"})))
    assert {f.verdict for f in found.values()} == {"ok"}


def test_nothing_is_changed_and_the_token_goes_along(google, it):
    ask(google, it)
    assert all(method == "GET" or path.endswith(":testIamPermissions") for method, path in google.asked)
    assert {h["Authorization"] for h in google.headers} == {f"Bearer {TOKEN}"}
    assert {h["X-Goog-User-Project"] for h in google.headers} == {QUOTA_PROJECT}


CASES = [
    ("organization", ORG, refusal(404), "failed", "no organization"),
    ("organization", ORG, refusal(403, "no right"), "unknown", "403: no right"),
    ("organization", ORG, (200, b"<html>log in</html>"), "unknown", "not JSON"),
    ("organization", ORG, (200, b"[]"), "unknown", "not JSON"),
    ("organization", ORG, (500, b"oops"), "unknown", "500"),
    ("organization", ORG, (302, b""), "unknown", "302"),
    ("organization", ORG, (200, ACTIVE | {"state": "DELETE_REQUESTED"}), "failed", "DELETE_REQUESTED"),
    ("customer", ORG, (200, ACTIVE | {"directoryCustomerId": "C0other"}), "failed", "C0other"),
    ("customer", ORG, refusal(403), "unknown", "403"),
    ("groups domain", ORG, (200, ACTIVE | {"displayName": "other.test"}), "warning", "other.test"),
    ("billing account", ACCOUNT, (200, {"open": False}), "failed", "closed"),
    ("billing account", ACCOUNT, refusal(404), "failed", "no billing account"),
    ("billing account", ACCOUNT, refusal(403, "not yours"), "unknown", "not yours"),
    ("billing account", ACCOUNT, DROP, "unknown", "cannot be reached"),
    ("permissions organization", f"{ORG}:testIamPermissions", (200, {}), "failed", "tagKeys.create is missing"),
    ("permissions organization", f"{ORG}:testIamPermissions", refusal(400, "not valid"), "unknown", "not valid"),
    ("permissions parent", f"{ORG}:testIamPermissions", (200, {}), "failed", "(to make the projects)"),
    ("permissions billing", f"{ACCOUNT}:testIamPermissions", (200, {}), "failed", "link the projects"),
    ("permissions billing", f"{ACCOUNT}:testIamPermissions", refusal(409), "unknown", "409"),
    ("quota project", SERVICES, (200, {"services": []}), "failed", "orgpolicy.googleapis.com"),
    ("quota project", SERVICES, refusal(403), "unknown", "403"),
    ("access policy", ACCESS, (200, {"accessPolicies": [{"name": "accessPolicies/4711"}]}), "failed", "4711"),
    ("access policy", ACCESS, (200, {"accessPolicies": [{"name": "accessPolicies/1", "scopes": ["a"]}]}), "ok", "free"),
    ("access policy", ACCESS, refusal(429), "unknown", "429"),
    ("project ids", PROJECT, (200, OURS), "unknown", "not known"),
    ("project ids", PROJECT, (200, {"state": "ACTIVE"}), "failed", "not ours"),
    ("project ids", PROJECT, (200, OURS | {"state": "DELETE_REQUESTED"}), "failed", "DELETE_REQUESTED"),
    ("project ids", PROJECT, refusal(403), "unknown", "Google does not say"),
    ("project ids", PROJECT, refusal(500), "unknown", "500"),
    ("policies in the way", POLICIES, (200, {"policies": [{"name": "a/policies/x.y"}]}), "ok", "none of"),
    (
        "policies in the way",
        POLICIES,
        (200, {"policies": [{"name": "organizations/1/policies/gcp.resourceLocations"}]}),
        "failed",
        "gcp.resourceLocations",
    ),
    ("policies in the way", POLICIES, refusal(403), "unknown", "403"),
]


@pytest.mark.parametrize(("name", "path", "answer", "verdict", "words"), CASES)
def test_each_answer_has_its_verdict(google, it, name, path, answer, verdict, words):
    google.answers[path] = answer
    found = ask(google, it)[name]
    assert (found.verdict, words in found.text) == (verdict, True), found
    assert found.verdict == "ok" or found.way_out


CONFLICTS = [
    ("gcp.resourceLocations", allowed("in:eu-locations"), "ok", ""),
    ("gcp.resourceLocations", allowed("in:europe-west4-locations"), "ok", ""),
    ("gcp.resourceLocations", allowed("in:us-locations"), "failed", "refuses europe-west4"),
    ("gcp.resourceLocations", denied("in:europe-locations"), "failed", "refuses europe-west4"),
    ("gcp.resourceLocations", allowed("in:low-carbon-locations"), "unknown", "in:low-carbon-locations"),
    ("gcp.resourceLocations", policy(denyAll=True), "failed", "everything"),
    ("gcp.resourceLocations", (200, {}), "ok", ""),
    ("gcp.resourceLocations", refusal(403, "no reader"), "unknown", "no reader"),
    ("gcp.resourceLocations", refusal(404), "ok", "no such constraint"),
    ("iam.allowedPolicyMemberDomains", allowed("C0mlworks"), "ok", ""),
    ("iam.allowedPolicyMemberDomains", allowed("is:C0mlworks"), "ok", ""),
    (
        "iam.allowedPolicyMemberDomains",
        allowed(f"principalSet://iam.googleapis.com/organizations/{ORGANIZATION}"),
        "ok",
        "",
    ),
    ("iam.allowedPolicyMemberDomains", allowed("C0other"), "failed", "C0mlworks"),
    ("gcp.restrictServiceUsage", denied("appengine.googleapis.com"), "ok", ""),
    ("gcp.restrictServiceUsage", denied("aiplatform.googleapis.com"), "failed", "refuses aiplatform.googleapis.com"),
    ("gcp.restrictServiceUsage", allowed("storage.googleapis.com"), "failed", "more"),
    ("compute.restrictSharedVpcHostProjects", allowed(f"under:organizations/{ORGANIZATION}"), "ok", ""),
    ("compute.restrictSharedVpcHostProjects", allowed("projects/other"), "failed", "refuses projects/"),
    ("gcp.restrictCmekCryptoKeyProjects", allowed("under:folders/1"), "failed", "keys"),
    ("compute.restrictVpcPeering", allowed("under:folders/1"), "ok", ""),
    ("compute.restrictVpcPeering", policy(denyAll=True), "failed", "peers"),
    ("compute.disablePrivateServiceConnectCreationForConsumers", denied("GOOGLE_APIS"), "failed", "GOOGLE_APIS"),
    ("compute.trustedImageProjects", allowed("projects/cloud-notebooks-managed"), "ok", ""),
    ("compute.trustedImageProjects", allowed("projects/debian-cloud"), "failed", "images"),
    ("essentialcontacts.allowedContactDomains", allowed("@mlworks.test"), "ok", ""),
    ("essentialcontacts.allowedContactDomains", allowed("@other.test"), "failed", "@mlworks.test"),
    ("iam.disableServiceAccountCreation", policy(enforce=False), "ok", ""),
    ("iam.disableServiceAccountCreation", policy(enforce=True), "failed", "service account"),
    ("gcp.disableCloudLogging", policy(enforce=True), "failed", "logging"),
    ("iam.workloadIdentityPoolProviders", allowed("https://token.actions.githubusercontent.com"), "ok", ""),
    ("iam.workloadIdentityPoolProviders", allowed("https://other.test"), "failed", "repository"),
]


@pytest.mark.parametrize(("constraint", "answer", "verdict", "words"), CONFLICTS)
def test_a_policy_that_would_refuse_the_estate_is_named(google, it, constraint, answer, verdict, words):
    google.answers[effective(constraint)] = answer
    found = ask(google, it)[f"policy {constraint}"]
    assert (found.verdict, words in found.text) == (verdict, True), found


def test_every_constraint_of_the_table_has_a_refusing_case():
    assert {c for c, _, verdict, _ in CONFLICTS if verdict == "failed"} == set(preflight.DATA["org_policies"])


def test_every_check_has_a_case_that_is_not_ok():
    quiet = {"adopted projects", "project quota", "parent"}  # tests of their own below
    assert {name for name, *_, verdict, _ in CASES if verdict != "ok"} >= set(preflight.CHECKS) - quiet


def test_permissions_are_asked_only_for_what_the_stacks_make(google, it):
    google.answers[f"{ACCOUNT}:testIamPermissions"] = (200, {})
    found = ask(google, it, Outline((), frozenset({"google_billing_budget"})))
    assert re.findall(r"\S+ is missing", found["permissions billing"].text) == ["billing.budgets.create is missing"]
    assert found["permissions parent"].text.startswith("0 permissions")


def test_the_outline_holds_all_projects_and_what_the_caller_makes_in_person(graph):
    outline = Outline.of(graph)
    assert outline.projects == ("acme-com-logging-k7q2", "acme-com-seed-k7q2")
    assert outline.makes_any(["google_project"])
    assert not outline.makes_any(["google_folder"])


def test_every_permission_row_is_complete():
    for row in preflight.DATA["permissions"]:
        assert set(row) == {"permission", "scope", "role", "reason", "for"}
        assert row["scope"] in ("organization", "parent", "billing")


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"11111111": {"state": "ACTIVE", "parent": f"organizations/{ORGANIZATION}"}}, "ok"),
        (
            {
                "11111111": {"state": "ACTIVE", "parent": "folders/22222222"},
                "22222222": {"state": "ACTIVE", "parent": f"organizations/{ORGANIZATION}"},
            },
            "ok",
        ),
        ({"11111111": {"state": "ACTIVE", "parent": "organizations/1"}}, "failed"),
        ({"11111111": {"state": "DELETE_REQUESTED"}}, "failed"),
        ({"11111111": {"state": "ACTIVE", "parent": "folders/11111111"}}, "failed"),
        ({}, "unknown"),
    ],
)
def test_the_parent_folder_lies_in_the_organization(google, tmp_path, answers, verdict):
    it = read(own_settings(tmp_path / "own", parent="folders/11111111"))
    google.answers |= {f"/cloudresourcemanager/v3/folders/{n}": (200, body) for n, body in answers.items()}
    assert ask(google, it)["parent"].verdict == verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [((200, {"state": "ACTIVE"}), "ok"), ((200, {"state": "DELETE_REQUESTED"}), "failed"), (refusal(403), "unknown")],
)
def test_adopted_projects_exist(google, tmp_path, answer, verdict):
    it = read(own_settings(tmp_path / "own", existing="{projects: {common-logging: {id: old-logging}}}"))
    google.answers["/cloudresourcemanager/v3/projects/old-logging"] = answer
    assert ask(google, it)["adopted projects"].verdict == verdict


@pytest.mark.parametrize(("number", "verdict"), [("1234567", "ok"), ("7654321", "failed")])
def test_the_access_policy_of_the_settings_exists(google, tmp_path, number, verdict):
    it = read(own_settings(tmp_path / "own", existing=f'{{access_policy: "{number}"}}'))
    google.answers[ACCESS] = (200, {"accessPolicies": [{"name": "accessPolicies/1234567"}]})
    assert ask(google, it)["access policy"].verdict == verdict


def test_without_a_quota_project_persons_are_warned(google, it):
    assert ask(google, it, quota_project="")["quota project"].verdict == "warning"
    assert not any("X-Goog-User-Project" in h for h in google.headers)


def test_a_token_that_is_not_accepted_is_the_only_finding(google, it):
    google.answers[ORG] = refusal(401, "expired")
    (found,) = ask(google, it).values()
    assert (found.name, found.verdict) == ("token", "failed")
    assert "expired" in found.text


def test_without_a_network_there_is_one_finding(it):
    (found,) = preflight.findings(it, OUTLINE, Credentials(TOKEN, "test"), "http://127.0.0.1:1")
    assert (found.name, found.verdict) == ("network", "failed")
    assert "cannot be reached" in found.text


def test_a_server_that_is_silent_is_left_in_time(google):
    google.answers["/cloudbilling/v1/x"] = HANG
    with pytest.raises(Unreachable, match="does not answer in time"):
        Google(TOKEN, {}, endpoint=google.endpoint, seconds=0.2).get("cloudbilling", "v1/x")


def test_a_redirect_does_not_carry_the_token_away(google, it):
    google.answers[ORG] = (302, b"")
    ask(google, it)
    assert not any(path == "/stolen" for _, path in google.asked)


def test_every_service_that_is_asked_has_an_address(google, it):
    ask(google, it)
    assert {path.split("/")[1] for _, path in google.asked} == set(preflight.DATA["services"])


def test_the_token_is_never_shown(google, it):
    assert TOKEN not in repr(Credentials(TOKEN, "test"))
    assert TOKEN not in repr(Google(TOKEN, {}))
    assert not any(TOKEN in f.text for f in ask(google, it).values())


@pytest.mark.parametrize(
    ("said", "fine"),
    [
        ("", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/", True),
        ("https://gateway.mlworks.test", True),
        ("http://gateway.mlworks.test", False),
        ("ftp://127.0.0.1", False),
    ],
)
def test_the_token_goes_only_to_this_computer_or_encrypted(said, fine, monkeypatch):
    monkeypatch.setenv(ENDPOINT, said)
    if fine:
        assert endpoint() == said.rstrip("/")
    else:
        with pytest.raises(OperationFailed) as failed:
            endpoint()
        assert failed.value.code == Exit.BAD_INPUT


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No credentials anywhere, and a gcloud that gives tokens for the words it is told to know."""
    for name in [n for n in os.environ if n.startswith(("GOOGLE_", "CLOUDSDK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:1")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")

    def gcloud(words: str) -> None:
        program = tmp_path / "bin" / "gcloud"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\n[ "$*" = "{words}" ] && echo token-of-gcloud || exit 1\n')
        program.chmod(0o755)

    gcloud("nothing")
    return gcloud


def test_the_token_of_the_environment_comes_first(bare, monkeypatch):
    bare("auth application-default print-access-token")
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "mine")
    found = credentials.find()
    assert found
    assert (found.token, found.for_terraform) == ("mine", True)


def test_application_default_credentials_bring_their_quota_project(bare, tmp_path):
    bare("auth application-default print-access-token")
    (tmp_path / "gcloud").mkdir()
    (tmp_path / "gcloud" / "application_default_credentials.json").write_text('{"quota_project_id": "of-file"}')
    found = credentials.find()
    assert found
    assert (found.token, found.quota_project) == ("token-of-gcloud", "of-file")


def test_the_machine_has_an_account_of_its_own(bare, monkeypatch, google):
    path = "/computeMetadata/v1/instance/service-accounts/default/token"
    google.answers[path] = (200, {"access_token": "of-machine"})
    monkeypatch.setenv("GCE_METADATA_HOST", google.endpoint.removeprefix("http://"))
    found = credentials.find()
    assert found
    assert found.token == "of-machine"


def test_a_login_that_terraform_does_not_use_fails(bare, monkeypatch, google, tmp_path, graph):
    bare("auth print-access-token")
    monkeypatch.setenv(ENDPOINT, google.endpoint)
    report = examine(own_settings(tmp_path / "own"), "google", tmp_path, graph)
    (found,) = [f for f in report.findings if f.name == "credentials"]
    assert found.verdict == "failed"
    assert "Terraform does not use" in found.text


def test_without_credentials_google_is_not_asked(bare, monkeypatch, google, tmp_path):
    monkeypatch.setenv(ENDPOINT, google.endpoint)
    report = examine(own_settings(tmp_path / "own"), "google", tmp_path)
    assert report.findings[-1].name == "credentials"
    assert report.findings[-1].verdict == "failed"
    assert google.asked == []


def test_the_settings_of_the_example_are_refused_before_anything_is_asked(monkeypatch, google, tmp_path):
    monkeypatch.setenv(ENDPOINT, google.endpoint)
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
    report = examine(ROOT / "settings", "google", tmp_path)
    assert "example" in report.failures[-1].text
    assert report.failures[-1].way_out == "run 'blueprint init'"
    assert google.asked == []


def test_a_first_deploy_is_refused_with_every_failure(monkeypatch, google, tmp_path, graph):
    monkeypatch.setenv(ENDPOINT, google.endpoint)
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
    settings = own_settings(tmp_path / "own")
    before_first_change(settings, "google", tmp_path, graph)
    google.answers |= {ORG: refusal(404), ACCOUNT: (200, {"open": False})}
    with pytest.raises(OperationFailed) as refused:
        before_first_change(settings, "google", tmp_path, graph)
    assert refused.value.code == Exit.REFUSED
    assert "no organization" in str(refused.value)
    assert "is closed" in str(refused.value)
    before_first_change(settings, "sandbox", tmp_path)


def test_a_first_deploy_with_invalid_settings_is_bad_input(tmp_path):
    with pytest.raises(InvalidSettings):
        before_first_change(own_settings(tmp_path / "own", regions="[]"), "google", tmp_path)


def test_the_command_says_what_cannot_be_known(google, tmp_path):
    settings = str(own_settings(tmp_path / "own"))
    environment = dict(os.environ) | {ENDPOINT: google.endpoint, "GOOGLE_OAUTH_ACCESS_TOKEN": TOKEN}
    program = Path(sys.executable).with_name("blueprint")
    words = [program, "doctor", "--target", "google", "--settings", settings, "--json"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = {check["name"]: check["verdict"] for check in json.loads(done.stdout)["checks"]}
    assert {name for name, verdict in said.items() if verdict == "unknown"} <= {"project quota"}
    assert "failed" not in said.values()
    assert done.returncode == Exit.INCONCLUSIVE
    assert "Traceback" not in done.stderr


def test_names_of_the_estate_are_those_that_are_checked(google, it):
    google.answers[effective("gcp.restrictCmekCryptoKeyProjects")] = allowed("projects/other")
    names = Names.of(it.organization, {key: e.code for key, e in it.environments.items()})
    text = ask(google, it)["policy gcp.restrictCmekCryptoKeyProjects"].text
    assert names.project("production", "keys") in text
