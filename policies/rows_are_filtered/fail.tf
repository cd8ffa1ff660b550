# Rejected: A row policy filters, and is for named groups
resource "google_bigquery_row_access_policy" "europe" {
  project          = "acme-dat-customers-k7q2"
  dataset_id       = "customers"
  table_id         = "contracts"
  policy_id        = "europe"
  filter_predicate = "TRUE"
  grantees         = ["group:grp-acme-data-scientist-churn@example.com"]
}
