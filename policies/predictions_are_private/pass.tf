# Accepted: Endpoints, feature stores and indexes are reached privately only
resource "google_vertex_ai_endpoint" "churn" {
  project      = "acme-prd-churn-k7q2"
  location     = "europe-west4"
  name         = "8959722095"
  display_name = "churn"
  labels       = { environment = "production" }
  encryption_spec {
    kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
  }
  private_service_connect_config {
    enable_private_service_connect = true
    project_allowlist              = ["acme-prd-churn-k7q2"]
  }
}
resource "google_vertex_ai_feature_online_store" "churn" {
  project = "acme-prd-churn-k7q2"
  region  = "europe-west4"
  name    = "churn"
  labels  = { environment = "production" }
  bigtable {
    auto_scaling {
      min_node_count = 1
      max_node_count = 3
    }
  }
}
