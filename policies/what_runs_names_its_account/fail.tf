# Rejected: what runs as the default account
resource "google_cloud_run_v2_service" "assistant" {
  project  = "acme-prd-assistant-k7q2"
  location = "europe-west4"
  name     = "assistant"
  ingress  = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  template {
    containers {
      image = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/assistant@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
  }
}

resource "google_cloud_run_v2_job" "nightly" {
  project  = "acme-prd-assistant-k7q2"
  location = "europe-west4"
  name     = "nightly"
  template {
    template {
      containers {
        image = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/assistant@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
      }
    }
  }
}
