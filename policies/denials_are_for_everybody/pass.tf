# Accepted: A denial holds for everybody or for whole groups, and leaves out only service accounts that it names
resource "google_iam_deny_policy" "read_only" {
  parent = "cloudresourcemanager.googleapis.com%2Fprojects%2Facme-dat-customers-k7q2"
  name   = "read-only"
  rules {
    deny_rule {
      denied_principals    = ["principalSet://goog/public:all"]
      denied_permissions   = ["storage.googleapis.com/objects.delete"]
      exception_principals = ["principal://iam.googleapis.com/projects/-/serviceAccounts/deploy-data@acme-com-seed-k7q2.iam.gserviceaccount.com"]
    }
  }
}
