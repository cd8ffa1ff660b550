# Accepted: Workers of builds have no public address
resource "google_cloudbuild_worker_pool" "pool" {
  project  = "acme-com-delivery-i-k7q2"
  location = "europe-west4"
  name     = "acme-workers"
  worker_config {
    no_external_ip = true
  }
}
