mock_provider "google" {}

variables {
  name          = "partner-token"
  purpose       = "Token of the partner whose prices we read."
  rotation_days = 30
  project_id    = "acme-int-churn-k7q2"
  region        = "europe-west4"
  kms_key       = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/secretmanager"
  messages_key  = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/pubsub"
  group         = "group:grp-acme-data-scientist-churn@example.com"
  reader        = "notebook@acme-int-churn-k7q2.iam.gserviceaccount.com"
  agent         = "service-123456789012@gcp-sa-secretmanager.iam.gserviceaccount.com"
  ordered_at    = "2026-11-20T08:00:00Z"
  labels        = { team = "churn", environment = "interactive" }
}

run "it_is_due_at_a_fixed_date_and_somebody_hears_of_it" {
  command = plan
  assert {
    condition     = google_secret_manager_secret.this.rotation[0].next_rotation_time == "2026-12-20T08:00:00Z"
    error_message = "The date moves with every plan."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.agent.member == "serviceAccount:${var.agent}" && google_pubsub_subscription_iam_member.people.member == var.group
    error_message = "Nobody hears of it."
  }
}

run "it_stays_in_the_region_under_a_customer_key" {
  command = plan
  assert {
    condition     = google_secret_manager_secret.this.replication[0].user_managed[0].replicas[0].location == var.region && google_secret_manager_secret.this.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == var.kms_key
    error_message = "The value is elsewhere."
  }
}

run "people_add_values_and_read_none" {
  command = plan
  assert {
    condition     = google_secret_manager_secret_iam_member.people.role == "roles/secretmanager.secretVersionManager" && google_secret_manager_secret_iam_member.reader.member == "serviceAccount:${var.reader}"
    error_message = "People read the value."
  }
}

run "a_value_for_ever_is_refused" {
  command = plan
  variables {
    rotation_days = 1000
  }
  expect_failures = [var.rotation_days]
}

run "another_agent_is_refused" {
  command = plan
  variables {
    agent = "me@example.com"
  }
  expect_failures = [var.agent]
}
