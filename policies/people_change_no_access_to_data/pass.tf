# Accepted: No person holds a role that changes who reads a bucket, a dataset, a secret or a key
resource "google_storage_bucket_iam_member" "grant" {
  bucket  = "acme-int-churn-k7q2-staging"
  role    = "roles/storage.objectUser"
  member  = "group:grp-acme-readers@example.com"
}
