# Rejected: Central logs are kept for at least a year
resource "google_logging_project_bucket_config" "platform" {
  project        = "acme-com-logging-k7q2"
  location       = "europe-west4"
  bucket_id      = "acme-platform"
  retention_days = 30
  cmek_settings {
    kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  }
}

resource "google_logging_folder_bucket_config" "folder" {
  folder         = "folders/711246061274"
  location       = "europe-west4"
  bucket_id      = "acme-folder"
  retention_days = 1
}
