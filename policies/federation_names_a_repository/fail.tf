# Rejected: An outside identity is one repository, never a whole pool
resource "google_service_account_iam_member" "grant" {
  service_account_id = "projects/acme-prd-churn-k7q2/serviceAccounts/pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  role    = "roles/iam.workloadIdentityUser"
  member  = "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/host/*"
}

resource "google_storage_bucket_iam_member" "grant" {
  bucket = "acme-prd-churn-k7q2-staging"
  role   = "roles/storage.objectViewer"
  member = "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/host/*"
}
