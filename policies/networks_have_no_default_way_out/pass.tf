# Accepted: A network has no subnets by itself and no default route
resource "google_compute_network" "vpc" {
  project                         = "acme-prd-network-k7q2"
  name                            = "acme-prd-vpc"
  auto_create_subnetworks         = false
  delete_default_routes_on_create = true
}
