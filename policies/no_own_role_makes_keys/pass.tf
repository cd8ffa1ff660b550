# Accepted: No role of our own makes keys of service accounts, or changes organization policies
resource "google_organization_iam_custom_role" "reader" {
  org_id      = "123456789012"
  role_id     = "acme_reader"
  title       = "Reads names of keys"
  permissions = ["cloudkms.cryptoKeys.get"]
}
