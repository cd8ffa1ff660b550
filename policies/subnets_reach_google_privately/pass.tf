# Accepted: A subnet reaches Google without a public address
resource "google_compute_subnetwork" "subnet" {
  project                  = "acme-prd-network-k7q2"
  network                  = "acme-prd-vpc"
  name                     = "acme-prd-europe-west4"
  region                   = "europe-west4"
  ip_cidr_range            = "10.48.0.0/20"
  private_ip_google_access = true
  log_config {
    flow_sampling = 0.5
    metadata      = "INCLUDE_ALL_METADATA"
  }
}
