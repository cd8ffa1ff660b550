# Rejected: A key that encrypts data is symmetric, and a key that signs is of a kind we know
resource "google_kms_crypto_key" "storage" {
  name                       = "storage"
  key_ring                   = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4"
  purpose                    = "ASYMMETRIC_DECRYPT"
  rotation_period            = "7776000s"
  destroy_scheduled_duration = "2592000s"
  version_template {
    algorithm        = "RSA_DECRYPT_OAEP_2048_SHA256"
    protection_level = "SOFTWARE"
  }
}
