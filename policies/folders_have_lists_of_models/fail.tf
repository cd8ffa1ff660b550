resource "google_folder" "production" {
  parent       = "organizations/123456789012"
  display_name = "acme-production"
}
