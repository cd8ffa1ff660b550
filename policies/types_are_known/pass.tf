# Accepted: A resource is of a type that the stacks, the catalog or a rule knows
resource "google_service_account" "pipeline" {
  project    = "acme-prd-churn-k7q2"
  account_id = "pipeline"
}
resource "google_vertex_ai_index" "of_the_catalog" {
  project      = "acme-int-churn-k7q2"
  region       = "europe-west4"
  display_name = "chapters"
  metadata {
    config {
      dimensions = 8
    }
  }
}
resource "google_sql_database_instance" "of_a_rule" {
  project          = "acme-dat-churn-k7q2"
  region           = "europe-west4"
  name             = "customers"
  database_version = "POSTGRES_16"
}
