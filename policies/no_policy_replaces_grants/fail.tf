# Rejected: No resource replaces all grants of a place: what others granted would be lost
resource "google_project_iam_binding" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/logging.viewer"
  members = ["group:grp-acme-readers@example.com"]
}
