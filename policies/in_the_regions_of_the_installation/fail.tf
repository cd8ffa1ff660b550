# Rejected: Everything lies in a region of the installation
resource "google_storage_bucket" "data" {
  project                     = "acme-prd-churn-k7q2"
  name                        = "acme-prd-churn-k7q2-data"
  location                    = "us-central1"
  force_destroy               = false
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = { environment = "production" }
  versioning {
    enabled = true
  }
  encryption {
    default_kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 90
    }
  }
}

resource "google_spanner_instance" "data" {
  project      = "acme-dat-customers-k7q2"
  name         = "customers"
  display_name = "customers"
  config       = "nam3"
  num_nodes    = 1
}
