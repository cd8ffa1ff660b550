# Accepted: Only service agents encrypt and decrypt with a key, never a person
resource "google_kms_crypto_key_iam_member" "one" {
  crypto_key_id = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
}
