# Accepted: A key that is destroyed by mistake can be brought back for at least seven days
resource "google_kms_crypto_key" "storage" {
  name                       = "storage"
  key_ring                   = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4"
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = "7776000s"
  destroy_scheduled_duration = "2592000s"
  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "SOFTWARE"
  }
}
