# Rejected: A gateway for addresses logs what goes through it
resource "google_compute_router_nat" "nat" {
  project                            = "acme-prd-network-k7q2"
  region                             = "europe-west4"
  router                             = "acme-prd-repositories"
  name                               = "acme-prd-repositories"
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES"
  log_config {
    enable = false
    filter = "ALL"
  }
}
