# Rejected: In operational projects people hold roles that view; only pipelines write there
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/aiplatform.user"
  member  = "group:grp-acme-readers@example.com"
}
