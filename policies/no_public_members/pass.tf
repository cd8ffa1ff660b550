# Accepted: Nobody without a name is granted anything: neither everybody nor everybody who is logged in
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/logging.viewer"
  member  = "group:grp-acme-readers@example.com"
}
