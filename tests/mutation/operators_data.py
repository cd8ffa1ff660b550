"""Defects in how data is kept: keys, places, retention, protection, labels, budgets, logs."""

from __future__ import annotations

from typing import Any

from policies.key_places import KEYS
from tests.mutation.operators import ELSEWHERE, Change, Values, another_environment, drop, gone, keys, only, put

BUCKET, DATASET, KEY = "google_storage_bucket", "google_bigquery_dataset", "google_kms_crypto_key"
PROJECT, SECRET, POLICY = "google_project", "google_secret_manager_secret", "google_org_policy_policy"
SINK, AUDIT = "google_logging_organization_sink", "google_*_iam_audit_config"
EVERYBODY = [{"role": "READER", "special_group": "allAuthenticatedUsers"}]


def encrypting(change: Change) -> Change:
    return only(lambda v: v.get("purpose") in (None, "ENCRYPT_DECRYPT"), change)


def elsewhere(values: Values) -> Values:
    for key in ("location", "region"):
        if values.get(key) not in (None, "", "global"):
            values[key] = ELSEWHERE
    return values


def rehearsed(values: Values) -> Values:
    return values | {"spec": [], "dry_run_spec": values["spec"]}


def unlabelled(values: Values) -> Values:
    return {key: {} if key in ("labels", "effective_labels") else value for key, value in values.items()}


def not_retained(values: Values) -> Values:
    return put(retention_policy__is_locked=False)(values)


def models(value: Any) -> Change:
    def change(values: Values) -> Values:
        if values["name"].endswith("vertexai.allowedModels"):
            put(spec__rules__deny_all=None, spec__rules__values=[{"allowed_values": value, "denied_values": []}])(
                values
            )
        return values

    return change


OPERATORS: dict[str, tuple[tuple[str, ...], Change]] = {
    "encryption: without a key of ours": (tuple(KEYS), keys(lambda key: None)),
    "encryption: a key of another place": (
        tuple(t for t in KEYS if t != "google_bigquery_table"),
        keys(lambda key: key.replace("/locations/", "/locations/us-")),
    ),
    "encryption: a key of another environment": (tuple(KEYS), keys(another_environment)),
    "key: never rotates": ((KEY,), encrypting(drop("rotation_period"))),
    "key: rotates once a year": ((KEY,), encrypting(put(rotation_period="31536000s"))),
    "key: is gone within a day": ((KEY,), put(destroy_scheduled_duration="86400s")),
    "key: is held outside": ((KEY,), put(version_template__protection_level="EXTERNAL")),
    "key: of a weak kind": ((KEY,), put(version_template__algorithm="RSA_DECRYPT_OAEP_2048_SHA1")),
    "key: used by people": (("google_kms_crypto_key_iam_member",), put(member="group:everybody@example.com")),
    "key: shared with another service": (
        ("google_kms_crypto_key_iam_member",),
        only(
            lambda v: "@gcp-sa-" in v["member"] and "composer" not in v["crypto_key_id"],
            lambda v: v | {"__twin__": {"member": "serviceAccount:service-1@gcp-sa-odd.iam.gserviceaccount.com"}},
        ),
    ),
    "bucket: emptied by force": ((BUCKET,), put(force_destroy=True)),
    "bucket: lists on objects": ((BUCKET,), put(uniform_bucket_level_access=False)),
    "bucket: may be public": ((BUCKET,), put(public_access_prevention="inherited")),
    "bucket: forgets what is overwritten": ((BUCKET,), put(versioning__enabled=False)),
    "bucket: retention is not locked": ((BUCKET,), not_retained),
    "bucket: deletes at once": ((BUCKET,), put(lifecycle_rule__condition=[{"num_newer_versions": 1}])),
    "dataset: emptied by force": ((DATASET,), put(delete_contents_on_destroy=True)),
    "dataset: open to everybody": ((DATASET,), put(access=EVERYBODY)),
    "table: not protected": (("google_bigquery_table",), put(deletion_protection=False)),
    "rows: all of them": (("google_bigquery_row_access_policy",), put(filter_predicate="TRUE")),
    "rows: for everybody": (("google_bigquery_row_access_policy",), put(grantees=["allAuthenticatedUsers"])),
    "columns: not masked": (("google_bigquery_datapolicy_data_policy",), gone),
    "messages: anywhere": (("google_pubsub_topic",), put(message_storage_policy=[])),
    "secret: never due": ((SECRET,), drop("rotation")),
    "secret: nobody is told": ((SECRET,), drop("topics")),
    "secret: elsewhere": ((SECRET,), put(replication__user_managed__replicas__location=ELSEWHERE)),
    "place: another region": (("google_[a-z]*",), only(lambda v: v["__type__"] != "google_bigquery_table", elsewhere)),
    "project: may be destroyed": ((PROJECT,), put(deletion_policy="DELETE")),
    "project: with the default network": ((PROJECT,), put(auto_create_network=True)),
    "project: nobody's": ((PROJECT,), unlabelled),
    "project: another service": (("google_project_service",), put(service="appengine.googleapis.com")),
    "labels: none": ((BUCKET, DATASET, SECRET, "google_pubsub_topic", "google_vertex_ai_endpoint"), unlabelled),
    "budget: taken out": (("google_billing_budget",), gone),
    "budget: tells too late": (("google_billing_budget",), put(threshold_rules=[{"threshold_percent": 2}])),
    "policy: taken out": ((POLICY,), gone),
    "policy: allows all": ((POLICY,), put(spec__rules__allow_all="TRUE")),
    "policy: only rehearsed": ((POLICY,), rehearsed),
    "policy: not enforced": (
        (POLICY,),
        only(lambda v: "FALSE" not in str(v["spec"]), put(spec__rules__enforce="FALSE")),
    ),
    "policy: every model of a publisher": ((POLICY,), models(["publishers/google"])),
    "policy: no model is named": ((POLICY,), models([])),
    "accounts: default ones keep their roles": (
        ("google_project_default_service_accounts",),
        put(restore_policy="REVERT"),
    ),
    "audit: reading is not logged": ((AUDIT,), put(audit_log_config=[{"log_type": "DATA_WRITE"}])),
    "bucket: with a list of a type that nobody knows": (
        (BUCKET,),
        lambda v: v | {"__new__": "google_storage_bucket_access_control"},
    ),
    "audit: somebody is left out": ((AUDIT,), put(audit_log_config__exempted_members=["group:quiet@example.com"])),
    "sink: hears nothing below": ((SINK,), put(include_children=False)),
    "sink: hears nothing": ((SINK,), put(filter='logName="nothing"')),
    "sink: off": ((SINK,), put(disabled=True)),
    "sink: leaves something out": ((SINK,), put(exclusions=[{"name": "x", "filter": "severity>=DEFAULT"}])),
    "logs: kept for a month": (("google_logging_project_bucket_config",), put(retention_days=30)),
    "alert: calls nobody": (("google_monitoring_alert_policy",), put(notification_channels=[])),
    "alert: off": (("google_monitoring_alert_policy",), put(enabled=False)),
}
