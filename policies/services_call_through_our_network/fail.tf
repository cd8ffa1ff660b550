# Rejected: What a service or function calls goes through our network
resource "google_cloud_run_v2_service" "assistant" {
  project  = "acme-prd-assistant-k7q2"
  location = "europe-west4"
  name     = "assistant"
  ingress  = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  template {
    service_account = "serving@acme-prd-assistant-k7q2.iam.gserviceaccount.com"
    encryption_key  = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"
      network_interfaces {
        subnetwork = "projects/acme-prd-network-k7q2/regions/europe-west4/subnetworks/acme-prd-europe-west4"
      }
    }
    containers {
      image = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/assistant@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
  }
}

resource "google_cloudfunctions2_function" "ranges" {
  project  = "acme-prd-assistant-k7q2"
  location = "europe-west4"
  name     = "ranges"
  service_config {
    vpc_connector = "projects/acme-prd-network-k7q2/locations/europe-west4/connectors/functions"
    ingress_settings = "ALLOW_INTERNAL_ONLY"
  }
}

resource "google_cloudfunctions2_function" "open" {
  project  = "acme-prd-assistant-k7q2"
  location = "europe-west4"
  name     = "open"
  service_config {
    vpc_connector = "projects/acme-prd-network-k7q2/locations/europe-west4/connectors/functions"
    vpc_connector_egress_settings = "ALL_TRAFFIC"
  }
}
