# Rejected: What names are asked for is logged
resource "google_dns_policy" "logging" {
  project        = "acme-prd-network-k7q2"
  name           = "logging"
  enable_logging = false
}
