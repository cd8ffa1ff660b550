# Rejected: No service account has a key that can be carried away
resource "google_service_account_key" "key" {
  service_account_id = "projects/acme-prd-churn-k7q2/serviceAccounts/pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
}

resource "google_service_account_iam_member" "grant" {
  service_account_id = "projects/acme-prd-churn-k7q2/serviceAccounts/pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  role               = "roles/iam.serviceAccountKeyAdmin"
  member             = "group:grp-acme-readers@example.com"
}
