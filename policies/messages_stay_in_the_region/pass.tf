# Accepted: Messages are stored in the regions of the installation only
resource "google_pubsub_topic" "due" {
  project      = "acme-prd-churn-k7q2"
  name         = "due"
  kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  message_storage_policy {
    allowed_persistence_regions = ["europe-west4"]
  }
}
