mock_provider "google" {}

variables {
  name       = "events"
  purpose    = "Events of the simulated shop."
  ordered    = true
  project_id = "acme-int-churn-k7q2"
  region     = "europe-west4"
  kms_key    = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/pubsub"
  group      = "group:grp-acme-data-scientist-churn@example.com"
  labels     = { team = "churn", environment = "interactive" }
}

run "messages_stay_in_the_region_under_a_customer_key" {
  command = plan
  assert {
    condition     = google_pubsub_topic.this.message_storage_policy[0].allowed_persistence_regions == toset([var.region]) && google_pubsub_topic.this.message_storage_policy[0].enforce_in_transit
    error_message = "Messages can leave the region."
  }
  assert {
    condition     = google_pubsub_topic.this.kms_key_name == var.kms_key
    error_message = "Messages have no customer key."
  }
}

run "the_team_sends_and_takes_and_grants_nothing" {
  command = plan
  assert {
    condition     = google_pubsub_topic_iam_member.people.role == "roles/pubsub.publisher" && google_pubsub_subscription_iam_member.people.role == "roles/pubsub.subscriber"
    error_message = "The team holds another role."
  }
}

run "keeping_for_a_year_is_refused" {
  command = plan
  variables {
    keep_days = 365
  }
  expect_failures = [var.keep_days]
}

run "a_name_with_blanks_is_refused" {
  command = plan
  variables {
    name = "my events"
  }
  expect_failures = [var.name]
}
