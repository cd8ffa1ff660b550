# Rejected: No person starts builds or launches: that is what triggers and the catalog are for
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/cloudbuild.builds.editor"
  member  = "group:grp-acme-readers@example.com"
}
