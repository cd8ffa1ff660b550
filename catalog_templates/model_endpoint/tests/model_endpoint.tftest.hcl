mock_provider "google" {}

variables {
  name         = "churn-trial"
  purpose      = "Trying the churn model with the shop."
  max_replicas = 2
  project_id   = "acme-int-churn-k7q2"
  region       = "europe-west4"
  kms_key      = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/aiplatform"
  data_key     = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/bigquery"
  callers      = ["acme-int-churn-k7q2", "acme-int-network-k7q2"]
  group        = "group:grp-acme-data-scientist-churn@example.com"
  labels       = { team = "churn", environment = "interactive" }
}

run "it_is_reached_privately_only_and_has_a_customer_key" {
  command = plan
  assert {
    condition     = google_vertex_ai_endpoint.this.private_service_connect_config[0].enable_private_service_connect && google_vertex_ai_endpoint.this.private_service_connect_config[0].project_allowlist == tolist(var.callers)
    error_message = "It is public."
  }
  assert {
    condition     = google_vertex_ai_endpoint.this.encryption_spec[0].kms_key_name == var.kms_key
    error_message = "Models have no customer key."
  }
}

run "requests_are_logged_and_machines_follow_the_load" {
  command = plan
  assert {
    condition     = google_vertex_ai_endpoint.this.predict_request_response_logging_config[0].enabled
    error_message = "Nothing is logged."
  }
  assert {
    condition     = google_vertex_ai_deployment_resource_pool.this.dedicated_resources[0].max_replica_count == 2 && length(google_vertex_ai_deployment_resource_pool.this.dedicated_resources[0].autoscaling_metric_specs) == 1
    error_message = "Machines do not follow the load."
  }
}

run "its_number_is_always_the_same" {
  command = plan
  assert {
    condition     = google_vertex_ai_endpoint.this.name == tostring(1000000000 + parseint(substr(sha256("${var.project_id}/churn-trial"), 0, 7), 16)) && length(google_vertex_ai_endpoint.this.name) == 10
    error_message = "Its number changes."
  }
}

run "logging_nothing_is_refused" {
  command = plan
  variables {
    logged = 0
  }
  expect_failures = [var.logged]
}

run "any_machine_is_refused" {
  command = plan
  variables {
    machine = "a3-megagpu-8g"
  }
  expect_failures = [var.machine]
}
