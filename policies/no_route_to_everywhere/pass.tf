# Accepted: A route to the internet leads to known addresses only
resource "google_compute_route" "repositories" {
  project          = "acme-prd-network-k7q2"
  network          = "acme-prd-vpc"
  name             = "acme-prd-repositories"
  dest_range       = "140.82.112.0/20"
  next_hop_gateway = "default-internet-gateway"
}
