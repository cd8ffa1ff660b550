# Rejected: The default service accounts of a project lose their roles, for good
resource "google_project_default_service_accounts" "none" {
  project        = "acme-com-seed-k7q2"
  action         = "DEPRIVILEGE"
  restore_policy = "REVERT"
}
