# Rejected: No rule lets anything out to everywhere
resource "google_compute_network_firewall_policy_rule" "rule" {
  project         = "acme-prd-network-k7q2"
  firewall_policy = "acme-prd-vpc"
  rule_name       = "google-apis"
  priority        = 1000
  direction       = "EGRESS"
  action          = "allow"
  enable_logging  = true
  match {
    dest_ip_ranges = ["0.0.0.0/0"]
    layer4_configs {
      ip_protocol = "tcp"
      ports       = ["443"]
    }
  }
}
