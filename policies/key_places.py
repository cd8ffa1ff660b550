"""Where each type that can have a key of ours keeps its name (provider 6.50.0)."""

KEYS = {
    "google_alloydb_cluster": "encryption_config.kms_key_name",
    "google_artifact_registry_repository": "kms_key_name",
    "google_bigquery_dataset": "default_encryption_configuration.kms_key_name",
    "google_bigquery_table": "encryption_configuration.kms_key_name",
    "google_composer_environment": "config.encryption_config.kms_key_name",
    "google_dataflow_job": "kms_key_name",
    "google_logging_folder_bucket_config": "cmek_settings.kms_key_name",
    "google_logging_organization_bucket_config": "cmek_settings.kms_key_name",
    "google_logging_project_bucket_config": "cmek_settings.kms_key_name",
    "google_pubsub_topic": "kms_key_name",
    "google_secret_manager_secret": "replication.user_managed.replicas.customer_managed_encryption.kms_key_name",
    "google_spanner_database": "encryption_config.kms_key_name",
    "google_storage_bucket": "encryption.default_kms_key_name",
    "google_vertex_ai_dataset": "encryption_spec.kms_key_name",
    "google_vertex_ai_endpoint": "encryption_spec.kms_key_name",
    "google_vertex_ai_featurestore": "encryption_spec.kms_key_name",
    "google_vertex_ai_metadata_store": "encryption_spec.kms_key_name",
    "google_vertex_ai_tensorboard": "encryption_spec.kms_key_name",
    "google_workbench_instance": "gce_setup.boot_disk.kms_key",
}
