# Messages between the parts of an experiment: one topic, one subscription, nothing leaves the region.

locals {
  kept = "${var.keep_days * 24 * 60 * 60}s"
}

resource "google_pubsub_topic" "this" {
  project                    = var.project_id
  name                       = "team-${var.name}"
  kms_key_name               = var.kms_key
  message_retention_duration = local.kept
  labels                     = var.labels

  message_storage_policy {
    allowed_persistence_regions = [var.region]
    enforce_in_transit          = true
  }
}

resource "google_pubsub_subscription" "this" {
  project                    = var.project_id
  name                       = "team-${var.name}"
  topic                      = google_pubsub_topic.this.id
  message_retention_duration = local.kept
  ack_deadline_seconds       = 60
  enable_message_ordering    = var.ordered
  labels                     = var.labels

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }
}

resource "google_pubsub_topic_iam_member" "people" {
  project = var.project_id
  topic   = google_pubsub_topic.this.name
  role    = "roles/pubsub.publisher"
  member  = var.group
}

resource "google_pubsub_subscription_iam_member" "people" {
  project      = var.project_id
  subscription = google_pubsub_subscription.this.name
  role         = "roles/pubsub.subscriber"
  member       = var.group
}
