# A value that only the team's notebook identity reads. People add and close values and cannot read them back.
# When it is due, a message waits in the subscription until `blueprint secret rotate` has added a value and takes it away.

resource "google_pubsub_topic" "due" {
  project      = var.project_id
  name         = "secret-${var.name}-due"
  kms_key_name = var.messages_key
  labels       = var.labels

  message_storage_policy {
    allowed_persistence_regions = [var.region]
    enforce_in_transit          = true
  }
}

resource "google_pubsub_topic_iam_member" "agent" {
  project = var.project_id
  topic   = google_pubsub_topic.due.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${var.agent}"
}

resource "google_pubsub_subscription" "due" {
  project                    = var.project_id
  name                       = "secret-${var.name}-due"
  topic                      = google_pubsub_topic.due.id
  message_retention_duration = "2678400s"
  labels                     = var.labels

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription_iam_member" "people" {
  project      = var.project_id
  subscription = google_pubsub_subscription.due.name
  role         = "roles/pubsub.subscriber"
  member       = var.group
}

resource "google_secret_manager_secret" "this" {
  project   = var.project_id
  secret_id = "team-${var.name}"
  labels    = var.labels

  replication {
    user_managed {
      replicas {
        location = var.region
        customer_managed_encryption {
          kms_key_name = var.kms_key
        }
      }
    }
  }

  topics {
    name = google_pubsub_topic.due.id
  }

  rotation {
    rotation_period    = "${var.rotation_days * 24 * 60 * 60}s"
    next_rotation_time = timeadd(var.ordered_at, "${var.rotation_days * 24}h")
  }

  version_destroy_ttl = "604800s"

  lifecycle {
    # Secret Manager moves the date on after each rotation; the date of the order serves the creation only.
    ignore_changes = [rotation[0].next_rotation_time]
  }

  depends_on = [google_pubsub_topic_iam_member.agent]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  project   = var.project_id
  secret_id = google_secret_manager_secret.this.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${var.reader}"
}

resource "google_secret_manager_secret_iam_member" "people" {
  project   = var.project_id
  secret_id = google_secret_manager_secret.this.secret_id
  role      = "roles/secretmanager.secretVersionManager"
  member    = var.group
}
