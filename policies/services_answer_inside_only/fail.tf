# Rejected: A service of Cloud Run answers callers of our networks only
resource "google_cloud_run_v2_service" "assistant" {
  project  = "acme-prd-assistant-k7q2"
  location = "europe-west4"
  name     = "assistant"
  ingress  = "INGRESS_TRAFFIC_ALL"
  template {
    service_account = "serving@acme-prd-assistant-k7q2.iam.gserviceaccount.com"
    encryption_key  = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
    vpc_access {
      egress = "ALL_TRAFFIC"
      network_interfaces {
        subnetwork = "projects/acme-prd-network-k7q2/regions/europe-west4/subnetworks/acme-prd-europe-west4"
      }
    }
    containers {
      image = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/assistant@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
  }
}
