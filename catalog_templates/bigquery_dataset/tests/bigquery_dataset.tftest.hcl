mock_provider "google" {}

variables {
  name           = "prepared"
  purpose        = "Contracts joined with usage, ready for training."
  classification = "confidential"
  table_days     = 365
  project_id     = "acme-int-churn-k7q2"
  region         = "europe-west4"
  kms_key        = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/bigquery"
  group          = "group:grp-acme-data-scientist-churn@example.com"
  labels         = { team = "churn", environment = "interactive" }
}

run "the_team_changes_tables_and_grants_nothing" {
  command = plan
  assert {
    condition     = google_bigquery_dataset_iam_member.people.role == "roles/bigquery.dataEditor" && google_bigquery_dataset_iam_member.people.member == var.group
    error_message = "The team holds another role."
  }
}

run "tables_have_a_customer_key_and_do_not_vanish" {
  command = plan
  assert {
    condition     = google_bigquery_dataset.this.default_encryption_configuration[0].kms_key_name == var.kms_key
    error_message = "Tables have no customer key."
  }
  assert {
    condition     = !google_bigquery_dataset.this.delete_contents_on_destroy && google_bigquery_dataset.this.max_time_travel_hours == "168"
    error_message = "Tables can vanish."
  }
}

run "every_choice_arrives" {
  command = plan
  assert {
    condition     = google_bigquery_dataset.this.default_table_expiration_ms == 365 * 24 * 60 * 60 * 1000 && google_bigquery_dataset.this.description == var.purpose
    error_message = "A choice has no effect."
  }
}

run "everybody_is_no_group" {
  command = plan
  variables {
    group = "allUsers"
  }
  expect_failures = [var.group]
}

run "half_a_day_is_refused" {
  command = plan
  variables {
    table_days = 0.5
  }
  expect_failures = [var.table_days]
}
