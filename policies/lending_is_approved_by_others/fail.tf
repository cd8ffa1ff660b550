# Rejected: What is lent is approved by somebody who cannot borrow it
resource "google_privileged_access_manager_entitlement" "lending" {
  parent               = "projects/acme-dat-customers-k7q2"
  location             = "global"
  entitlement_id       = "read-customers"
  max_request_duration = "28800s"
  eligible_users {
    principals = ["group:grp-acme-data-scientist-churn@example.com"]
  }
  requester_justification_config {
    unstructured {}
  }
  approval_workflow {
    manual_approvals {
      require_approver_justification = true
      steps {
        approvals_needed = 1
        approvers {
          principals = ["group:grp-acme-data-scientist-churn@example.com"]
        }
      }
    }
  }
  privileged_access {
    gcp_iam_access {
      resource      = "//cloudresourcemanager.googleapis.com/projects/acme-dat-customers-k7q2"
      resource_type = "cloudresourcemanager.googleapis.com/Project"
      role_bindings {
        role = "roles/bigquery.dataViewer"
      }
    }
  }
}
