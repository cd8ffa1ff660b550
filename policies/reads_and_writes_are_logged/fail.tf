# Rejected: Where access is logged, reading and writing is, and nobody is left out
resource "google_organization_iam_audit_config" "ai" {
  org_id  = "123456789012"
  service = "aiplatform.googleapis.com"
  audit_log_config {
    log_type = "ADMIN_READ"
  }
  audit_log_config {
    log_type         = "DATA_READ"
    exempted_members = ["group:quiet@example.com"]
  }
  audit_log_config {
    log_type = "DATA_WRITE"
  }
}
