mock_provider "google" {}

variables {
  name           = "churn-dags"
  purpose        = "Developing the churn pipeline."
  size           = "small"
  project_id     = "acme-int-churn-k7q2"
  region         = "europe-west4"
  network        = "projects/acme-int-network-k7q2/global/networks/acme-int-vpc"
  subnet         = "projects/acme-int-network-k7q2/regions/europe-west4/subnetworks/acme-int-europe-west4"
  kms_key        = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/composer"
  identity       = "composer@acme-int-churn-k7q2.iam.gserviceaccount.com"
  image          = "composer-3-airflow-2.10.5-build.12"
  internal_range = "10.3.0.0/20"
  workplaces     = ["203.0.113.0/24"]
  group          = "group:grp-acme-data-scientist-churn@example.com"
  labels         = { team = "churn", environment = "interactive" }
}

run "it_lives_on_the_shared_network_without_public_machines" {
  command = plan
  assert {
    condition     = google_composer_environment.this.config[0].enable_private_environment && google_composer_environment.this.config[0].enable_private_builds_only
    error_message = "Machines are public."
  }
  assert {
    condition     = google_composer_environment.this.config[0].node_config[0].network == var.network && google_composer_environment.this.config[0].node_config[0].subnetwork == var.subnet
    error_message = "It has a network of its own."
  }
}

run "it_runs_as_its_own_identity_with_a_customer_key" {
  command = plan
  assert {
    condition     = google_composer_environment.this.config[0].node_config[0].service_account == var.identity && google_composer_environment.this.config[0].encryption_config[0].kms_key_name == var.kms_key
    error_message = "It runs as something else."
  }
}

run "who_ordered_it_puts_definitions_and_nothing_else_is_let_in" {
  command = plan
  assert {
    condition     = google_composer_environment.this.storage_config[0].bucket == google_storage_bucket.definitions.name && google_storage_bucket_iam_member.people.role == "roles/storage.objectUser" && google_storage_bucket_iam_member.people.member == var.group
    error_message = "Nobody can put a definition."
  }
  assert {
    condition     = google_storage_bucket.definitions.public_access_prevention == "enforced" && google_storage_bucket.definitions.encryption[0].default_kms_key_name == var.kms_key && google_storage_bucket.definitions.versioning[0].enabled
    error_message = "Definitions lie open."
  }
}

run "the_whole_world_is_no_workplace" {
  command = plan
  variables {
    workplaces = ["0.0.0.0/0"]
  }
  expect_failures = [var.workplaces]
}

run "two_halves_of_the_world_are_no_workplaces" {
  command = plan
  variables {
    workplaces = ["0.0.0.0/1", "128.0.0.0/1"]
  }
  expect_failures = [var.workplaces]
}

run "what_is_no_range_is_no_workplace" {
  command = plan
  variables {
    workplaces = ["203.0.113.0/24", "a b", "2000::/16"]
  }
  expect_failures = [var.workplaces]
}

run "an_image_that_moves_is_refused" {
  command = plan
  variables {
    image = "composer-3-airflow-2"
  }
  expect_failures = [var.image]
}
