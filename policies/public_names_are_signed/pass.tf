# Accepted: A public zone is signed, and not with SHA-1
resource "google_dns_managed_zone" "zone" {
  project    = "acme-prd-network-k7q2"
  name       = "example"
  dns_name   = "example.com."
  visibility = "public"
  dnssec_config {
    state = "on"
  }
}
