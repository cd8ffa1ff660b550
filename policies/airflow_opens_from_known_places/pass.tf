# Accepted: Airflow's page opens from known places, not from halves of the world
resource "google_composer_environment" "composer" {
  project = "acme-prd-churn-k7q2"
  region  = "europe-west4"
  name    = "acme-churn"
  labels  = { environment = "production" }
  config {
    enable_private_environment = true
    enable_private_builds_only = true
    encryption_config {
      kms_key_name = "projects/acme-prd-keys-k7q2/locations/europe-west4/keyRings/production-europe-west4/cryptoKeys/storage"
    }
    node_config {
      service_account = "composer@acme-prd-churn-k7q2.iam.gserviceaccount.com"
      network         = "projects/acme-prd-network-k7q2/global/networks/acme-prd-vpc"
      subnetwork      = "projects/acme-prd-network-k7q2/regions/europe-west4/subnetworks/acme-prd-europe-west4"
    }
    software_config {
      image_version = "composer-3-airflow-2.10.5-build.12"
    }
    web_server_network_access_control {
      allowed_ip_range {
        value = "203.0.113.0/24"
      }
    }
  }
}
