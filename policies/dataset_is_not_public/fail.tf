# Rejected: No dataset is open to everybody, or to everybody of a domain
resource "google_bigquery_dataset" "customers" {
  project                    = "acme-prd-churn-k7q2"
  dataset_id                 = "customers"
  location                   = "europe-west4"
  delete_contents_on_destroy = false
  labels                     = { environment = "production" }
  default_encryption_configuration {
    kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  }
  access {
    role           = "READER"
    special_group  = "allAuthenticatedUsers"
  }
}

resource "google_bigquery_dataset_access" "domain" {
  project    = "acme-prd-churn-k7q2"
  dataset_id = "customers"
  role       = "READER"
  domain     = "example.com"
}

resource "google_bigquery_dataset_access" "everybody" {
  project    = "acme-prd-churn-k7q2"
  dataset_id = "customers"
  role       = "READER"
  iam_member = "allUsers"
}
