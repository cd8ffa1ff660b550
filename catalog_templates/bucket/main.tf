# Unstructured working data of one team: files, images, documents, models. Tables belong into the template bigquery_dataset.

locals {
  days = 24 * 60 * 60
  cold = var.cold_after_days > 0 && var.cold_after_days < var.keep_days ? [var.cold_after_days] : []
}

resource "google_storage_bucket" "this" {
  project                     = var.project_id
  name                        = "${var.project_id}-data-${var.name}"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false
  labels                      = merge(var.labels, { classification = var.classification, data-kind = "unstructured" })

  encryption {
    default_kms_key_name = var.kms_key
  }

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 7 * local.days
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age        = var.keep_days
      with_state = "LIVE"
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      with_state                 = "ARCHIVED"
    }
  }

  dynamic "lifecycle_rule" {
    for_each = local.cold
    content {
      action {
        type          = "SetStorageClass"
        storage_class = "NEARLINE"
      }
      condition {
        age                   = lifecycle_rule.value
        matches_storage_class = ["STANDARD"]
      }
    }
  }
}

resource "google_storage_bucket_iam_member" "people" {
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.objectUser"
  member = var.group
}
