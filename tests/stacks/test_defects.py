"""What went wrong elsewhere cannot happen here: each rule holds for the whole estate, and finds a planted defect."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from settings.loading import names_of
from settings.model import Installation
from tests.conftest import ROOT
from tests.estate import Estate, Resource
from tests.resolved import resolved

# Where each type keeps its key, and those without: what they show lies in a resource with a key. The provider has no
# argument for the key of a feature online store.
KEYS = {
    "artifact_registry_repository": ["kms_key_name"],
    "bigquery_dataset": ["default_encryption_configuration", "kms_key_name"],
    "bigquery_table": ["encryption_configuration", "kms_key_name"],
    "composer_environment": ["config", "encryption_config", "kms_key_name"],
    "logging_project_bucket_config": ["cmek_settings", "kms_key_name"],
    "pubsub_topic": ["kms_key_name"],
    "secret_manager_secret": ["replication", "user_managed", "replicas", "customer_managed_encryption", "kms_key_name"],
    "storage_bucket": ["encryption", "default_kms_key_name"],
    "vertex_ai_endpoint": ["encryption_spec", "kms_key_name"],
    "vertex_ai_metadata_store": ["encryption_spec", "kms_key_name"],
    "vertex_ai_tensorboard": ["encryption_spec", "kms_key_name"],
}
KEYLESS = {
    "bigquery_datapolicy_data_policy",
    "bigquery_job",
    "bigquery_row_access_policy",
    "pubsub_subscription",
    "storage_bucket_object",
    "vertex_ai_feature_group",
    "vertex_ai_feature_group_feature",
    "vertex_ai_feature_online_store",
    "vertex_ai_feature_online_store_featureview",
}
SERVICES = ("artifact_registry_", "bigquery_", "composer_", "pubsub_", "secret_manager_", "storage_", "vertex_ai_")
STARTS = re.compile(r"roles/(cloudbuild\.builds\.(editor|builder)|config\.(admin|agent)|cloudbuild\.integrations\.)")
CMEK, USAGE, MODELS = "gcp.restrictNonCmekServices", "/gcp.restrictServiceUsage", "vertexai.allowedModels"
BUILDS = "roles/cloudbuild.builds.editor"
DEFAULT = re.compile(r"developer\.gserviceaccount\.com|\d@cloudbuild\.gserviceaccount|@appspot\.")
CALLER = {"google_client_config", "google_client_openid_userinfo", "google_service_account_access_token"}


def planted(estate: Estate, type_: str, change: Callable[[dict[str, Any]], Any]) -> Estate:
    """The estate with one change made to every resource of a type."""
    documents = copy.deepcopy(estate.documents)
    found = [values for d in documents.values() for values in d["resource"].get(type_, {}).values()]
    assert found
    for values in found:
        change(values)
    return Estate(estate.folder, documents)


def key_of(estate: Estate, resource: Resource) -> str | None:
    """The key that a resource is kept with, references followed."""
    first, *rest = KEYS[resource.type.removeprefix("google_")]
    value = resolved(estate, resource, first)
    for word in rest:
        value = (value[0] if isinstance(value, list) else value or {}).get(word)
    return value


def test_everything_lies_in_a_region_of_the_settings_next_to_its_key(
    estate: Estate, installation: Installation
) -> None:
    regions = set(installation.organization.regions)

    def elsewhere(one: Estate) -> set[str]:
        found = set()
        for r in one.resources():
            place = r.values.get("location") or r.values.get("region")
            if place not in {*regions, "global", None}:
                found.add(r.address)
            key = key_of(one, r) if r.type.removeprefix("google_") in KEYS else None
            at = re.search("/locations/([^/]+)/", str(key))
            if place and at and at[1] != place:
                found.add(r.address)
        return found

    assert elsewhere(estate) == set()
    assert elsewhere(planted(estate, "google_storage_bucket", lambda v: v.update(location="us-central1")))


def test_nothing_is_made_without_a_key_where_the_policy_demands_one(estate: Estate, installation: Installation) -> None:
    def without(one: Estate) -> set[str]:
        kinds = {r.address: (r.type.removeprefix("google_"), r) for r in one.resources() if "_iam_" not in r.type}
        return {
            address
            for address, (kind, resource) in kinds.items()
            if kind.startswith(SERVICES) and kind not in KEYLESS and not key_of(one, resource)
        }

    demanded = {service.partition(".")[0] for service in installation.org_policies[CMEK].deny or []}
    assert demanded >= {"aiplatform", "artifactregistry", "bigquery", "composer", "pubsub", "secretmanager", "storage"}
    assert without(estate) == set()
    assert without(planted(estate, "google_bigquery_dataset", lambda v: v.pop("default_encryption_configuration")))


def test_no_policy_denies_what_a_project_enables(estate: Estate) -> None:
    def denied(one: Estate) -> set[str]:
        (policy,) = (p for p in one.resources("google_org_policy_policy") if p.values["name"].endswith(USAGE))
        values = {value for rule in policy.values["spec"]["rules"] for value in rule["values"]["denied_values"]}
        return values & {api.values["service"] for api in one.resources("google_project_service")}

    def deny(values: dict[str, Any]) -> None:
        if values["name"].endswith(USAGE):
            values["spec"]["rules"][0]["values"]["denied_values"].append("bigquery.googleapis.com")

    assert denied(estate) == set()
    assert denied(planted(estate, "google_org_policy_policy", deny)) == {"bigquery.googleapis.com"}


def test_no_policy_is_lifted_anywhere_and_nobody_outside_writes_logs_into_a_bucket(estate: Estate) -> None:
    def lifted(one: Estate) -> set[str]:
        policies = [p.values["name"].rpartition("/")[2] for p in one.resources("google_org_policy_policy")]
        twice = {constraint for constraint, times in Counter(policies).items() if times > 1} - {MODELS}
        reset = {p.address for p in one.resources("google_org_policy_policy") if '"reset"' in json.dumps(p.values)}
        logged = {b.address for b in one.resources("google_storage_bucket") if "logging" in b.values}
        outside = {
            g.address for g in one.resources("google_*_iam_member") if g.values["member"].endswith("@google.com")
        }
        return twice | reset | logged | outside

    assert lifted(estate) == set()
    assert lifted(planted(estate, "google_storage_bucket", lambda v: v.update(logging={"log_bucket": "logs"})))
    assert lifted(planted(estate, "google_org_policy_policy", lambda v: v.update(spec={"reset": True})))


def test_every_bucket_is_closed_kept_and_cleaned_up_by_age(estate: Estate) -> None:
    def loose(one: Estate) -> set[str]:
        found = set()
        for bucket in one.resources("google_storage_bucket"):
            v = bucket.values
            kept = v.get("versioning", {}).get("enabled") or v.get("retention_policy", {}).get("is_locked")
            ages = [set(rule["condition"]) & {"age", "days_since_noncurrent_time"} for rule in v["lifecycle_rule"]]
            closed = v["uniform_bucket_level_access"] and v["public_access_prevention"] == "enforced"
            if not (kept and all(ages) and ages and closed and v["force_destroy"] is False):
                found.add(bucket.address)
        return found

    assert loose(estate) == set()
    for change in (
        {"force_destroy": True},
        {"uniform_bucket_level_access": False},
        {"versioning": {"enabled": False}, "retention_policy": {}},
        {"lifecycle_rule": [{"condition": {"num_newer_versions": 1}}]},
    ):
        assert loose(planted(estate, "google_storage_bucket", lambda v, change=change: v.update(change))), change


def test_every_secret_asks_somebody_to_rotate_it_and_no_plan_moves_the_date(estate: Estate) -> None:
    def silent(one: Estate) -> set[str]:
        heard = {str(resolved(one, s, "topic")) for s in one.resources("google_pubsub_subscription")}
        return {
            secret.address
            for secret in one.resources("google_secret_manager_secret")
            if not secret.values.get("rotation", {}).get("rotation_period")
            or secret.values.get("lifecycle", {}).get("ignore_changes") != ["rotation[0].next_rotation_time"]
            or not {str(topic["name"]) for topic in resolved(one, secret, "topics") or []} & heard
        }

    assert silent(estate) == set()
    for key in ("rotation", "lifecycle", "topics"):
        assert silent(planted(estate, "google_secret_manager_secret", lambda v, key=key: v.pop(key))), key


def test_no_person_starts_builds_or_launches_or_acts_as_who_does(estate: Estate) -> None:
    def starters(one: Estate) -> set[str]:
        people = [
            g for g in one.resources("google_*_iam_member") if str(resolved(one, g, "member")).startswith("group:")
        ]
        acts = [g for g in people if g.type == "google_service_account_iam_member"]
        wrong = [g for g in acts if "notebook" not in g.values["service_account_id"]]
        wrong += [g for g in people if STARTS.match(g.values["role"])]
        return {g.address for g in wrong}

    assert starters(estate) == set()
    assert starters(planted(estate, "google_project_iam_member", lambda v: v.update(role=BUILDS)))


def test_no_default_account_holds_a_role_anywhere(estate: Estate, installation: Installation) -> None:
    def default(one: Estate) -> set[str]:
        return {g.address for g in one.resources("google_*_iam_member") if DEFAULT.search(g.values["member"])}

    assert default(estate) == set()
    member = "serviceAccount:1-compute@developer.gserviceaccount.com"
    assert default(planted(estate, "google_project_iam_member", lambda v: v.update(member=member)))
    assert installation.org_policies["iam.automaticIamGrantsForDefaultServiceAccounts"].enforce


def test_images_are_sealed_by_one_identity_and_only_after_approval(estate: Estate, installation: Installation) -> None:
    sealing = "roles/cloudkms.signerVerifier"

    def sealers(one: Estate) -> set[str]:
        grants = [g for g in one.resources("google_*_iam_member") if g.values["role"] == sealing]
        return {str(resolved(one, g, "member")) for g in grants}

    who = names_of(installation).service_account("common", "delivery-w", "promotion")
    assert sealers(estate) == {f"serviceAccount:{who}"}
    assert len(sealers(planted(estate, "google_project_iam_member", lambda v: v.update(role=sealing)))) > 1
    used = [
        t.values for t in estate.resources("google_cloudbuild_trigger") if t.values["service_account"].endswith(who)
    ]
    assert used
    assert all(trigger["approval_config"]["approval_required"] for trigger in used)
    (policy,) = estate.resources("google_binary_authorization_policy")
    assert policy.values["default_admission_rule"]["enforcement_mode"] == "ENFORCED_BLOCK_AND_AUDIT_LOG"


def test_no_build_keeps_its_log_in_a_bucket(estate: Estate) -> None:
    def kept(one: Estate) -> set[str]:
        builds = {t.address: t.values["build"] for t in one.resources("google_cloudbuild_trigger")}
        return {a for a, b in builds.items() if b["options"]["logging"] != "CLOUD_LOGGING_ONLY" or "logs_bucket" in b}

    assert kept(estate) == set()
    assert kept(planted(estate, "google_cloudbuild_trigger", lambda v: v["build"].update(logs_bucket="gs://logs")))


def test_nothing_depends_on_who_runs_terraform(estate: Estate) -> None:
    assert {d.type for d in estate.data()} & CALLER == set()
    assert estate.data()


def test_every_stack_pins_the_same_terraform_and_providers(estate: Estate) -> None:
    pins = {
        json.dumps([d["terraform"]["required_version"], d["terraform"]["required_providers"]], sort_keys=True)
        for d in estate.documents.values()
    }
    (pin,) = pins
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", provider["version"]) for provider in json.loads(pin)[1].values())
    locks = [path.read_text() for path in (ROOT / "requirements").glob("*.txt")]
    assert locks
    assert all("--hash=sha256:" in lock for lock in locks)
