# Rejected: No person holds a role that changes who reads a bucket, a dataset, a secret or a key
resource "google_storage_bucket_iam_member" "grant" {
  bucket  = "acme-int-churn-k7q2-staging"
  role    = "roles/storage.admin"
  member  = "group:grp-acme-readers@example.com"
}

resource "google_organization_iam_member" "grant" {
  org_id = "123456789012"
  role   = "roles/aiplatform.admin"
  member = "group:grp-acme-readers@example.com"
}
resource "google_folder_iam_member" "grant" {
  folder = "folders/711246061274"
  role   = "roles/resourcemanager.folderIamAdmin"
  member = "group:grp-acme-readers@example.com"
}
