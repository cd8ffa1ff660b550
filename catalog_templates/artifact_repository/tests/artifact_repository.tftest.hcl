mock_provider "google" {}

variables {
  name          = "training"
  purpose       = "Images in which training jobs run."
  keep_versions = 5
  project_id    = "acme-int-churn-k7q2"
  region        = "europe-west4"
  kms_key       = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/artifactregistry"
  group         = "group:grp-acme-data-scientist-churn@example.com"
  labels        = { team = "churn", environment = "interactive" }
}

run "tags_never_move_and_old_images_go" {
  command = plan
  assert {
    condition     = google_artifact_registry_repository.this.docker_config[0].immutable_tags
    error_message = "Tags can move."
  }
  assert {
    condition     = length(google_artifact_registry_repository.this.cleanup_policies) == 2 && !google_artifact_registry_repository.this.cleanup_policy_dry_run
    error_message = "Nothing is cleaned up."
  }
}

run "images_have_a_customer_key_and_are_scanned" {
  command = plan
  assert {
    condition     = google_artifact_registry_repository.this.kms_key_name == var.kms_key && google_artifact_registry_repository.this.vulnerability_scanning_config[0].enablement_config == "INHERITED"
    error_message = "Images are unprotected."
  }
}

run "another_format_is_refused" {
  command = plan
  variables {
    format = "apt"
  }
  expect_failures = [var.format]
}

run "keeping_nothing_is_refused" {
  command = plan
  variables {
    keep_versions = 0
  }
  expect_failures = [var.keep_versions]
}
