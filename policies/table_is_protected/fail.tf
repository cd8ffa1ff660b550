# Rejected: A table cannot be destroyed by a plan
resource "google_bigquery_table" "contracts" {
  project             = "acme-prd-churn-k7q2"
  dataset_id          = "customers"
  table_id            = "contracts"
  deletion_protection = false
  encryption_configuration {
    kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  }
}
