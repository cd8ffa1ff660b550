# Rejected: A perimeter restricts every service that holds data, models, keys or secrets
resource "google_access_context_manager_service_perimeter" "perimeter" {
  parent                    = "accessPolicies/909268627868"
  name                      = "accessPolicies/909268627868/servicePerimeters/acme_prd_perimeter"
  title                     = "production"
  use_explicit_dry_run_spec = true
  spec {
    restricted_services = [
      "aiplatform.googleapis.com", "artifactregistry.googleapis.com", "bigquery.googleapis.com",
      "cloudkms.googleapis.com", "notebooks.googleapis.com", "pubsub.googleapis.com",
      "secretmanager.googleapis.com",
    ]
  }
}

resource "google_access_context_manager_service_perimeter" "rehearsed" {
  parent                    = "accessPolicies/909268627868"
  name                      = "accessPolicies/909268627868/servicePerimeters/acme_prd_other"
  title                     = "other"
  use_explicit_dry_run_spec = true
  status {
    restricted_services = ["storage.googleapis.com"]
  }
  spec {
    restricted_services = [
      "aiplatform.googleapis.com", "artifactregistry.googleapis.com", "bigquery.googleapis.com",
      "cloudkms.googleapis.com", "notebooks.googleapis.com", "pubsub.googleapis.com",
      "secretmanager.googleapis.com", "storage.googleapis.com",
    ]
  }
}

resource "google_access_context_manager_service_perimeters" "several" {
  parent = "accessPolicies/909268627868"
  service_perimeters {
    name  = "accessPolicies/909268627868/servicePerimeters/acme_prd_third"
    title = "third"
    status {
      restricted_services = ["storage.googleapis.com"]
    }
  }
}
