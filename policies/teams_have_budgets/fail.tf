# Rejected: Every project of a team has a budget
resource "google_project" "project" {
  name                = "acme-prd-churn-k7q2"
  project_id          = "acme-prd-churn-k7q2"
  folder_id           = "folders/123456789012"
  billing_account     = "0A1B2C-3D4E5F-6A7B8C"
  auto_create_network = false
  deletion_policy     = "PREVENT"
  labels = {
    team          = "churn"
    application   = "churn"
    "cost-center" = "cc-1042"
    environment   = "production"
    "managed-by"  = "blueprint"
  }
}
