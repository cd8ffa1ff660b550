mock_provider "google" {}

variables {
  name       = "handbook"
  purpose    = "Passages of the handbook for the assistant."
  bucket     = "handbook"
  folder     = "vectors/v1"
  dimensions = 768
  project_id = "acme-int-churn-k7q2"
  region     = "europe-west4"
  callers    = ["acme-int-churn-k7q2", "acme-int-network-k7q2"]
  labels     = { team = "churn", environment = "interactive" }
}

run "it_is_reached_privately_only" {
  command = plan
  assert {
    condition     = !google_vertex_ai_index_endpoint.this.public_endpoint_enabled && google_vertex_ai_index_endpoint.this.private_service_connect_config[0].enable_private_service_connect
    error_message = "It is public."
  }
  assert {
    condition     = google_vertex_ai_index_endpoint.this.private_service_connect_config[0].project_allowlist == tolist(var.callers)
    error_message = "Others reach it."
  }
}

run "vectors_come_from_a_bucket_of_the_team" {
  command = plan
  assert {
    condition     = google_vertex_ai_index.this.metadata[0].contents_delta_uri == "gs://${var.project_id}-data-handbook/vectors/v1"
    error_message = "Vectors come from elsewhere."
  }
  assert {
    condition     = google_vertex_ai_index_endpoint_deployed_index.this.enable_access_logging
    error_message = "Questions are not logged."
  }
}

run "a_bucket_by_its_address_is_refused" {
  command = plan
  variables {
    bucket = "gs://other"
  }
  expect_failures = [var.bucket]
}

run "a_hundred_machines_are_refused" {
  command = plan
  variables {
    max_replicas = 100
  }
  expect_failures = [var.max_replicas]
}
