# Rejected: Only service agents encrypt and decrypt with a key, never a person
resource "google_kms_crypto_key_iam_member" "one" {
  crypto_key_id = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "group:grp-acme-readers@example.com"
}

resource "google_kms_key_ring_iam_member" "ring" {
  key_ring_id = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4"
  role        = "roles/cloudkms.cryptoKeyDecrypter"
  member      = "group:grp-acme-readers@example.com"
}
resource "google_project_iam_member" "project" {
  project = "acme-prd-keys-k7q2"
  role    = "roles/cloudkms.cryptoKeyDecrypter"
  member  = "group:grp-acme-readers@example.com"
}
