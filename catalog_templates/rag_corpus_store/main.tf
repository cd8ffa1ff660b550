# What retrieval needs: documents in a bucket, the engine that keeps corpora, and the pipeline that brings documents.

resource "google_storage_bucket" "documents" {
  project                     = var.project_id
  name                        = "${var.project_id}-rag-${var.name}"
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
    retention_duration_seconds = 604800
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
}

resource "google_storage_bucket_iam_member" "pipeline" {
  bucket = google_storage_bucket.documents.name
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${var.pipeline}"
}

resource "google_storage_bucket_iam_member" "people" {
  bucket = google_storage_bucket.documents.name
  role   = "roles/storage.objectUser"
  member = var.group
}

# One engine serves the project in its region.
resource "google_vertex_ai_rag_engine_config" "this" {
  project = var.project_id
  region  = var.region

  rag_managed_db_config {
    dynamic "basic" {
      for_each = var.tier == "basic" ? [true] : []
      content {}
    }
    dynamic "scaled" {
      for_each = var.tier == "scaled" ? [true] : []
      content {}
    }
  }
}
