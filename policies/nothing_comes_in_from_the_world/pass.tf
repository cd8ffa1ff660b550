# Accepted: No rule lets the world in
resource "google_compute_network_firewall_policy_rule" "rule" {
  project         = "acme-prd-network-k7q2"
  firewall_policy = "acme-prd-vpc"
  rule_name       = "from-subnet"
  priority        = 1000
  direction       = "INGRESS"
  action          = "allow"
  enable_logging  = true
  match {
    src_ip_ranges = ["10.48.1.0/24"]
    layer4_configs {
      ip_protocol = "tcp"
      ports       = ["443"]
    }
  }
}
