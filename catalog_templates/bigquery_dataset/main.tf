# Structured working data of one team: tables and views. Files belong into the template bucket.

locals {
  day        = 24 * 60 * 60 * 1000
  expiration = var.table_days > 0 ? var.table_days * local.day : null
}

resource "google_bigquery_dataset" "this" {
  project                         = var.project_id
  dataset_id                      = "data_${var.name}"
  location                        = var.region
  description                     = var.purpose
  default_table_expiration_ms     = local.expiration
  default_partition_expiration_ms = local.expiration
  max_time_travel_hours           = "168"
  delete_contents_on_destroy      = false
  labels                          = merge(var.labels, { classification = var.classification, data-kind = "structured" })

  default_encryption_configuration {
    kms_key_name = var.kms_key
  }
}

resource "google_bigquery_dataset_iam_member" "people" {
  project    = var.project_id
  dataset_id = google_bigquery_dataset.this.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = var.group
}
