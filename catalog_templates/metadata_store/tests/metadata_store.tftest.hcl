mock_provider "google-beta" {}

variables {
  name       = "trial"
  purpose    = "Lineage of a trial that must not mix with the model."
  project_id = "acme-int-churn-k7q2"
  region     = "europe-west4"
  kms_key    = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/aiplatform"
}

run "lineage_has_a_customer_key" {
  command = plan
  assert {
    condition     = google_vertex_ai_metadata_store.this.encryption_spec[0].kms_key_name == var.kms_key
    error_message = "Lineage has no customer key."
  }
}

run "it_is_not_the_default_one" {
  command = plan
  assert {
    condition     = google_vertex_ai_metadata_store.this.name == "team-trial"
    error_message = "It would be the store of all pipelines."
  }
}

run "a_name_with_capitals_is_refused" {
  command = plan
  variables {
    name = "Default"
  }
  expect_failures = [var.name]
}

run "a_key_by_name_is_refused" {
  command = plan
  variables {
    kms_key = "mine"
  }
  expect_failures = [var.kms_key]
}
