# Accepted: Nobody of one environment acts as a service account of another
resource "google_service_account_iam_member" "grant" {
  service_account_id = "projects/acme-prd-churn-k7q2/serviceAccounts/pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  role    = "roles/iam.serviceAccountUser"
  member  = "serviceAccount:composer@acme-prd-churn-k7q2.iam.gserviceaccount.com"
}
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/iam.serviceAccountTokenCreator"
  member  = "serviceAccount:composer@acme-prd-churn-k7q2.iam.gserviceaccount.com"
}
