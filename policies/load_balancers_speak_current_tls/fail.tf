# Rejected: Nothing speaks TLS older than 1.2
resource "google_compute_ssl_policy" "tls" {
  project         = "acme-prd-network-k7q2"
  name            = "tls"
  profile         = "MODERN"
  min_tls_version = "TLS_1_0"
}
