# Accepted: In operational projects people hold roles that view; only pipelines write there
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/aiplatform.viewer"
  member  = "group:grp-acme-readers@example.com"
}
resource "google_project" "inside" {
  project_id = "acme-prd-churn-k7q2"
  name       = "acme-prd-churn-k7q2"
  folder_id  = "711246061274"
}
resource "google_folder_iam_member" "grant" {
  folder = "folders/711246061274"
  role   = "roles/aiplatform.viewer"
  member = "group:grp-acme-readers@example.com"
}
