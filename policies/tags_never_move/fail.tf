# Rejected: A tag of an own image names the same image forever
resource "google_artifact_registry_repository" "images" {
  project       = "acme-com-artifacts-k7q2"
  location      = "europe-west4"
  repository_id = "images"
  format        = "DOCKER"
  mode          = "STANDARD_REPOSITORY"
  kms_key_name  = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  docker_config {
    immutable_tags = false
  }
  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
}

resource "google_artifact_registry_repository" "lower" {
  project       = "acme-com-artifacts-k7q2"
  location      = "europe-west4"
  repository_id = "lower"
  format        = "docker"
  mode          = "STANDARD_REPOSITORY"
  kms_key_name  = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  docker_config {
    immutable_tags = false
  }
  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
}
