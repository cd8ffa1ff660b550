# Rejected: Where folders are made, each environment has its list of permitted models
resource "google_folder" "production" {
  parent       = "organizations/123456789012"
  display_name = "acme-production"
}
