# Accepted: A budget has an amount and tells before it is spent
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
