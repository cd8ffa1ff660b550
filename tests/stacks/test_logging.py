"""Logging: an audit trail that is complete, encrypted and cannot be shortened."""

from settings.model import Installation
from tests.estate import Estate

DAY = 24 * 60 * 60


def test_the_logs_of_everything_below_go_to_search_archive_and_stream(estate: Estate) -> None:
    sinks = estate.resources("google_logging_organization_sink")
    assert {r.values["destination"].split(".")[0] for r in sinks} == {"logging", "storage", "pubsub"}
    assert all(r.values["include_children"] for r in sinks)
    assert all("cloudaudit.googleapis.com" in r.values["filter"] for r in sinks)


def test_nobody_can_shorten_the_archive_or_delete_from_it(estate: Estate, installation: Installation) -> None:
    (archive,) = estate.resources("google_storage_bucket", "logging")
    days = installation.organization.log_retention_days
    assert archive.values["retention_policy"] == {"is_locked": True, "retention_period": days * DAY}
    assert archive.values["lifecycle_rule"][0]["condition"]["age"] > days
    granted = estate.resources("google_storage_bucket_iam_member", "logging")
    assert {r.values["role"] for r in granted} == {"roles/storage.objectCreator"}


def test_everything_that_keeps_logs_has_a_key(estate: Estate) -> None:
    kept = [
        r.values[attribute]
        for kind, attribute in {
            "google_bigquery_dataset": "default_encryption_configuration",
            "google_logging_project_bucket_config": "cmek_settings",
            "google_pubsub_topic": "kms_key_name",
            "google_storage_bucket": "encryption",
        }.items()
        for r in estate.resources(kind, "logging")
    ]
    assert len(kept) == 5
    assert all("google_kms_crypto_key_iam_member" in str(key) for key in kept)


def test_each_sink_writes_as_itself_and_only_where_it_leads(estate: Estate) -> None:
    writers = [r for r in estate.resources("google_*_iam_member", "logging") if "_sink." in r.values["member"]]
    assert {r.values["role"] for r in writers} == {
        "roles/logging.bucketWriter",
        "roles/pubsub.publisher",
        "roles/storage.objectCreator",
    }
    (on_project,) = [r for r in writers if r.type == "google_project_iam_member"]
    assert "/buckets/" in on_project.values["condition"]["expression"]


def test_grants_of_dangerous_roles_are_told_and_the_teller_may_speak_before_it_starts(estate: Estate) -> None:
    (feed,) = estate.resources("google_cloud_asset_organization_feed")
    assert '"roles/owner"' in feed.values["condition"]["expression"]
    assert feed.values["content_type"] == "IAM_POLICY"
    assert feed.values["depends_on"] == ["google_pubsub_topic_iam_member.grants-publisher"]


def test_no_identity_from_outside_reads_or_writes_logs(estate: Estate) -> None:
    members = {r.values["member"] for r in estate.resources("google_*_iam_member", "logging")}
    assert [m for m in members if m.endswith("@google.com")] == []
