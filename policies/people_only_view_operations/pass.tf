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

resource "google_storage_bucket_iam_member" "grant" {
  bucket = "acme-prd-churn-k7q2-staging"
  role   = "roles/storage.objectViewer"
  member = "group:grp-acme-readers@example.com"
}
resource "google_organization_iam_member" "grant" {
  org_id = "123456789012"
  role   = "roles/browser"
  member = "group:grp-acme-readers@example.com"
}
resource "google_storage_bucket_iam_member" "elsewhere" {
  bucket = "acme-int-churn-k7q2-staging"
  role   = "roles/storage.objectUser"
  member = "group:grp-acme-readers@example.com"
}
