# Rejected: A database has no public address and speaks encrypted only
resource "google_sql_database_instance" "store" {
  project          = "acme-com-artifacts-k7q2"
  name             = "store"
  region           = "europe-west4"
  database_version = "POSTGRES_16"
  settings {
    tier = "db-f1-micro"
    ip_configuration {
      ipv4_enabled    = true
      private_network = "projects/acme-com-network-k7q2/global/networks/acme-com-vpc"
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }
}
