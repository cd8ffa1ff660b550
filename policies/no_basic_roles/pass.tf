# Accepted: Nobody holds a basic role (owner, editor, viewer): they reach every service
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/logging.viewer"
  member  = "group:grp-acme-readers@example.com"
}
