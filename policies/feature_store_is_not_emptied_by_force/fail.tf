# Rejected: A feature store that holds views cannot be destroyed
resource "google_vertex_ai_feature_online_store" "store" {
  project       = "acme-prd-churn-k7q2"
  region        = "europe-west4"
  name          = "churn"
  force_destroy = true
  optimized {}
}
