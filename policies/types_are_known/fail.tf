# Rejected: what no rule looks at
resource "google_project_organization_policy" "old" {
  project    = "acme-prd-churn-k7q2"
  constraint = "iam.disableServiceAccountKeyCreation"
  boolean_policy {
    enforced = false
  }
}
resource "google_storage_bucket_access_control" "everybody" {
  bucket = "acme-prd-churn-k7q2-staging"
  role   = "READER"
  entity = "allUsers"
}
resource "google_logging_organization_exclusion" "everything" {
  org_id = "123456789012"
  name   = "everything"
  filter = "timestamp >= \"2000-01-01T00:00:00Z\""
}
resource "google_compute_network_firewall_policy_with_rules" "world" {
  project = "acme-prd-network-k7q2"
  name    = "world"
  rule {
    action         = "allow"
    direction      = "INGRESS"
    priority       = 1
    enable_logging = true
    match {
      src_ip_ranges = ["0.0.0.0/0"]
      layer4_config {
        ip_protocol = "all"
      }
    }
  }
}
