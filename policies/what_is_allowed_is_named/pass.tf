# Accepted: A rule that allows names the protocol and the ports
resource "google_compute_network_firewall_policy_rule" "rule" {
  project         = "acme-prd-network-k7q2"
  firewall_policy = "acme-prd-vpc"
  rule_name       = "google-apis"
  priority        = 1000
  direction       = "EGRESS"
  action          = "allow"
  enable_logging  = true
  match {
    dest_ip_ranges = ["10.48.1.5/32"]
    layer4_configs {
      ip_protocol = "tcp"
      ports       = ["443"]
    }
  }
}

resource "google_compute_network_firewall_policy_rule" "few" {
  project         = "acme-prd-network-k7q2"
  firewall_policy = "acme-prd-vpc"
  rule_name       = "google-apis"
  priority        = 1000
  direction       = "EGRESS"
  action          = "allow"
  enable_logging  = true
  match {
    dest_ip_ranges = ["10.48.1.5/32"]
    layer4_configs {
      ip_protocol = "tcp"
      ports       = ["443", "12345-12346"]
    }
  }
}
