# Rejected: A secret has replicas in the regions of the installation only
resource "google_secret_manager_secret" "token" {
  project   = "acme-prd-churn-k7q2"
  secret_id = "token"
  labels    = { environment = "production" }
  replication {
    user_managed {
      replicas {
        location = "us-east4"
        customer_managed_encryption {
          kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
        }
      }
    }
  }
  topics {
    name = "projects/acme-prd-churn-k7q2/topics/due"
  }
  rotation {
    next_rotation_time = "2027-01-01T00:00:00Z"
    rotation_period    = "7776000s"
  }
}
