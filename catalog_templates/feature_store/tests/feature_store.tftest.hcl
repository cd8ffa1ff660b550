mock_provider "google" {}

variables {
  name           = "customers"
  purpose        = "Features of customers for the churn trial."
  table          = "data_prepared.customers"
  entity_columns = ["customer_id"]
  features       = ["tenure_months", "calls_last_week"]
  project_id     = "acme-int-churn-k7q2"
  region         = "europe-west4"
  labels         = { team = "churn", environment = "interactive" }
}

run "it_has_no_endpoint_of_its_own" {
  command = plan
  assert {
    condition     = length(google_vertex_ai_feature_online_store.this.bigtable) == 1 && length(google_vertex_ai_feature_online_store.this.optimized) == 0
    error_message = "It can be reached past Vertex AI's API."
  }
}

run "features_come_from_the_own_project" {
  command = plan
  assert {
    condition     = google_vertex_ai_feature_group.this.big_query[0].big_query_source[0].input_uri == "bq://${var.project_id}.${var.table}"
    error_message = "Features come from elsewhere."
  }
}

run "a_table_of_another_project_is_refused" {
  command = plan
  variables {
    table = "other-project.dataset.table"
  }
  expect_failures = [var.table]
}

run "no_features_are_refused" {
  command = plan
  variables {
    features = []
  }
  expect_failures = [var.features]
}
