# Rejected: Grants name groups and service accounts, never a person or a whole domain
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/logging.viewer"
  member  = "user:jane@example.com"
}

resource "google_bigquery_dataset_access" "person" {
  project    = "acme-prd-churn-k7q2"
  dataset_id = "customers"
  role       = "OWNER"
  user_by_email = "jane@example.com"
}
