# Accepted: Grants name groups and service accounts, never a person or a whole domain
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/logging.viewer"
  member  = "group:grp-acme-readers@example.com"
}

resource "google_bigquery_dataset_access" "pipeline" {
  project    = "acme-prd-churn-k7q2"
  dataset_id = "customers"
  role       = "READER"
  user_by_email = "pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
}
