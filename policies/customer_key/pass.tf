# Accepted: Everything that can be kept with a key of ours is
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

resource "google_secret_manager_secret" "partner" {
  project   = "acme-prd-churn-k7q2"
  secret_id = "partner"
  replication {
    user_managed {
      replicas {
        location = "europe-west4"
        customer_managed_encryption {
          kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
        }
      }
      replicas {
        location = "europe-west3"
        customer_managed_encryption {
          kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
        }
      }
    }
  }
}

resource "google_cloud_run_v2_service" "assistant" {
  project  = "acme-prd-assistant-k7q2"
  location = "europe-west4"
  name     = "assistant"
  ingress  = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  template {
    service_account = "serving@acme-prd-assistant-k7q2.iam.gserviceaccount.com"
    encryption_key = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
    containers {
      image = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/assistant@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
  }
}
