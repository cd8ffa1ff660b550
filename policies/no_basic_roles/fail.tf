# Rejected: Nobody holds a basic role (owner, editor, viewer): they reach every service
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/editor"
  member  = "group:grp-acme-readers@example.com"
}

resource "google_privileged_access_manager_entitlement" "lent" {
  entitlement_id       = "everything"
  location             = "global"
  parent               = "projects/acme-dat-customers-k7q2"
  max_request_duration = "3600s"
  eligible_users {
    principals = ["group:grp-acme-readers@example.com"]
  }
  privileged_access {
    gcp_iam_access {
      resource      = "//cloudresourcemanager.googleapis.com/projects/acme-dat-customers-k7q2"
      resource_type = "cloudresourcemanager.googleapis.com/Project"
      role_bindings {
        role = "roles/bigquery.dataViewer"
      }
      role_bindings {
        role = "roles/owner"
      }
    }
  }
  requester_justification_config {
    unstructured {}
  }
}
