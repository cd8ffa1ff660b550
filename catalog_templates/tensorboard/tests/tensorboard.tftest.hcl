mock_provider "google" {}

variables {
  name       = "ablation"
  purpose    = "Which features the churn model needs."
  project_id = "acme-int-churn-k7q2"
  region     = "europe-west4"
  kms_key    = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/aiplatform"
  labels     = { team = "churn", environment = "interactive" }
}

run "curves_have_a_customer_key" {
  command = plan
  assert {
    condition     = google_vertex_ai_tensorboard.this.encryption_spec[0].kms_key_name == var.kms_key
    error_message = "Logs have no customer key."
  }
}

run "it_says_what_it_is_for" {
  command = plan
  assert {
    condition     = google_vertex_ai_tensorboard.this.description == var.purpose && google_vertex_ai_tensorboard.this.labels["team"] == "churn"
    error_message = "Nobody knows whose it is."
  }
}

run "a_short_purpose_is_refused" {
  command = plan
  variables {
    purpose = "x"
  }
  expect_failures = [var.purpose]
}

run "a_key_by_name_is_refused" {
  command = plan
  variables {
    kms_key = "mine"
  }
  expect_failures = [var.kms_key]
}
