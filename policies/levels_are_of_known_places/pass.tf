# Accepted: An access level admits known addresses or named identities
resource "google_access_context_manager_access_level" "workplaces" {
  parent = "accessPolicies/909268627868"
  name   = "accessPolicies/909268627868/accessLevels/acme_workplaces"
  title  = "acme_workplaces"
  basic {
    conditions {
      ip_subnetworks = ["203.0.113.0/24"]
    }
  }
}

resource "google_access_context_manager_access_level" "deployers" {
  parent = "accessPolicies/909268627868"
  name   = "accessPolicies/909268627868/accessLevels/acme_deployers"
  title  = "acme_deployers"
  basic {
    conditions {
      members = ["serviceAccount:deploy-data@acme-com-seed-k7q2.iam.gserviceaccount.com"]
    }
  }
}
