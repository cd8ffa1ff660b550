# Accepted: A rule does what its name says: what is called deny or refuse lets nothing through
resource "google_compute_network_firewall_policy_rule" "rule" {
  project         = "acme-prd-network-k7q2"
  firewall_policy = "acme-prd-vpc"
  rule_name       = "refuse-out"
  priority        = 1000
  direction       = "EGRESS"
  action          = "deny"
  enable_logging  = true
  match {
    dest_ip_ranges = ["10.48.1.5/32"]
    layer4_configs {
      ip_protocol = "tcp"
      ports       = ["443"]
    }
  }
}
