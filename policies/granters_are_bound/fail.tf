# Rejected: Who may grant roles on a project or the organization may grant only listed ones, or only below one folder
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
}
