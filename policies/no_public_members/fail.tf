resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/logging.viewer"
  member  = "allAuthenticatedUsers"
}
