# Accepted: Who crosses a perimeter is a service account or a group, never one person
resource "google_access_context_manager_service_perimeter_egress_policy" "door" {
  perimeter = "accessPolicies/909268627868/servicePerimeters/acme_prd_perimeter"
  title     = "images"
  egress_from {
    identities = ["serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"]
  }
  egress_to {
    resources = ["projects/123456789012"]
    operations {
      service_name = "storage.googleapis.com"
      method_selectors {
        method = "google.storage.objects.get"
      }
    }
  }
}

resource "google_access_context_manager_service_perimeter" "enforced" {
  parent = "accessPolicies/909268627868"
  name   = "accessPolicies/909268627868/servicePerimeters/acme_prd_perimeter"
  title  = "production"
  status {
    restricted_services = ["storage.googleapis.com"]
    ingress_policies {
      ingress_from {
        identities = ["serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"]
      }
      ingress_to {
        resources = ["projects/123456789012"]
        operations {
          service_name = "storage.googleapis.com"
          method_selectors {
            method = "google.storage.objects.get"
          }
        }
      }
    }
  }
}

resource "google_access_context_manager_service_perimeters" "several" {
  parent = "accessPolicies/909268627868"
  service_perimeters {
    name   = "accessPolicies/909268627868/servicePerimeters/acme_prd_perimeter"
    title  = "production"
    status {
      restricted_services = ["storage.googleapis.com"]
      ingress_policies {
        ingress_from {
          identities = ["serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"]
        }
        ingress_to {
          resources = ["projects/123456789012"]
          operations {
            service_name = "storage.googleapis.com"
            method_selectors {
              method = "google.storage.objects.get"
            }
          }
        }
      }
    }
  }
}
