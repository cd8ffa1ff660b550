mock_provider "google" {}

variables {
  name       = "images"
  purpose    = "Images for the classifier."
  project_id = "acme-int-churn-k7q2"
  region     = "europe-west4"
  kms_key    = "projects/acme-int-keys-k7q2/locations/europe-west4/keyRings/interactive-europe-west4/cryptoKeys/storage"
  group      = "group:scientists@example.com"
  labels     = { team = "churn" }
}

run "nobody_outside_gets_in" {
  command = plan
  assert {
    condition     = google_storage_bucket.this.uniform_bucket_level_access && google_storage_bucket.this.public_access_prevention == "enforced"
    error_message = "The bucket can be opened."
  }
  assert {
    condition     = google_storage_bucket.this.encryption[0].default_kms_key_name == var.kms_key
    error_message = "The bucket has no customer key."
  }
}

run "nothing_vanishes_by_accident" {
  command = plan
  assert {
    condition     = google_storage_bucket.this.versioning[0].enabled && !google_storage_bucket.this.force_destroy
    error_message = "Objects can vanish."
  }
  assert {
    condition     = alltrue([for rule in google_storage_bucket.this.lifecycle_rule : coalesce(rule.condition[*].age, rule.condition[*].days_since_noncurrent_time) != null])
    error_message = "A rule deletes without waiting."
  }
}

run "old_versions_go_and_what_nobody_reads_becomes_cheaper" {
  command = plan
  assert {
    condition     = contains([for rule in google_storage_bucket.this.lifecycle_rule : one(rule.condition).with_state if one(rule.action).type == "Delete"], "ARCHIVED")
    error_message = "No rule deletes versions that were replaced."
  }
  assert {
    condition     = contains([for rule in google_storage_bucket.this.lifecycle_rule : one(rule.action).storage_class if one(rule.action).type != "Delete"], "NEARLINE")
    error_message = "No rule moves what has become old to a cheaper class."
  }
}

run "the_team_works_with_objects_and_grants_nothing" {
  command = plan
  assert {
    condition     = google_storage_bucket_iam_member.people.role == "roles/storage.objectUser" && google_storage_bucket_iam_member.people.member == var.group
    error_message = "The team holds another role."
  }
}

run "a_name_with_capitals_is_refused" {
  command = plan
  variables {
    name = "Images"
  }
  expect_failures = [var.name]
}

run "keeping_for_a_day_is_refused" {
  command = plan
  variables {
    keep_days = 1
  }
  expect_failures = [var.keep_days]
}
