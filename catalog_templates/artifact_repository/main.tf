# Images or packages of one team while it experiments. What operational pipelines run comes from the platform's own repositories.

locals {
  day = 24 * 60 * 60
}

resource "google_artifact_registry_repository" "this" {
  project                = var.project_id
  location               = var.region
  repository_id          = "team-${var.name}"
  description            = var.purpose
  format                 = upper(var.format)
  mode                   = "STANDARD_REPOSITORY"
  kms_key_name           = var.kms_key
  cleanup_policy_dry_run = false
  labels                 = var.labels

  dynamic "docker_config" {
    for_each = var.format == "docker" ? [true] : []
    content {
      immutable_tags = true
    }
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = var.keep_versions
    }
  }

  cleanup_policies {
    id     = "delete-untagged"
    action = "DELETE"
    condition {
      tag_state  = "UNTAGGED"
      older_than = "${var.untagged_days * local.day}s"
    }
  }
}

resource "google_artifact_registry_repository_iam_member" "people" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.this.repository_id
  role       = "roles/artifactregistry.writer"
  member     = var.group
}
