# Rejected: No default service account holds a role or runs anything
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
}
