# Accepted: No service account has a key that can be carried away
resource "google_service_account" "pipeline" {
  project    = "acme-prd-churn-k7q2"
  account_id = "pipeline"
}
