# Accepted: Every project of a team has a budget
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

resource "google_billing_budget" "budget" {
  billing_account = "0A1B2C-3D4E5F-6A7B8C"
  display_name    = "acme-prd-churn-k7q2"
  budget_filter {
    projects = ["projects/123456789012"]
  }
  amount {
    specified_amount {
      currency_code = "EUR"
      units         = "2000"
    }
  }
  threshold_rules {
    threshold_percent = 0.9
  }
}
