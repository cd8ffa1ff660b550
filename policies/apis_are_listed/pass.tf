# Accepted: A project enables services of the list only
resource "google_project_service" "api" {
  project = "acme-prd-churn-k7q2"
  service = "aiplatform.googleapis.com"
}
