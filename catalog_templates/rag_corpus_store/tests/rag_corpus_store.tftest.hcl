mock_provider "google" {}

variables {
  name           = "handbook"
  purpose        = "The handbook for the service assistant."
  classification = "internal"
  project_id     = "acme-int-churn-k7q2"
  region         = "europe-west4"
  kms_key        = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/storage"
  group          = "group:grp-acme-data-scientist-churn@example.com"
  pipeline       = "pipeline@acme-int-churn-k7q2.iam.gserviceaccount.com"
  labels         = { team = "churn", environment = "interactive" }
}

run "nobody_outside_gets_at_documents" {
  command = plan
  assert {
    condition     = google_storage_bucket.documents.uniform_bucket_level_access && google_storage_bucket.documents.public_access_prevention == "enforced" && google_storage_bucket.documents.encryption[0].default_kms_key_name == var.kms_key
    error_message = "Documents are open."
  }
}

run "the_pipeline_and_the_team_bring_documents_and_grant_nothing" {
  command = plan
  assert {
    condition     = google_storage_bucket_iam_member.pipeline.role == "roles/storage.objectUser" && google_storage_bucket_iam_member.people.role == "roles/storage.objectUser"
    error_message = "Somebody holds another role."
  }
}

run "trials_take_the_small_engine" {
  command = plan
  assert {
    condition     = length(google_vertex_ai_rag_engine_config.this.rag_managed_db_config[0].basic) == 1 && length(google_vertex_ai_rag_engine_config.this.rag_managed_db_config[0].scaled) == 0
    error_message = "It takes the large one."
  }
}

run "a_default_identity_is_refused" {
  command = plan
  variables {
    pipeline = "1234-compute@developer.gserviceaccount.com"
  }
  expect_failures = [var.pipeline]
}

run "public_documents_are_refused" {
  command = plan
  variables {
    classification = "public"
  }
  expect_failures = [var.classification]
}
