# Rejected: Everything that can be kept with a key of ours is
resource "google_storage_bucket" "data" {
  project                     = "acme-prd-churn-k7q2"
  name                        = "acme-prd-churn-k7q2-data"
  location                    = "europe-west4"
  force_destroy               = false
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = { environment = "production" }
  versioning {
    enabled = true
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
