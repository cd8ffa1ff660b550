# Accepted: Who may grant roles on a project or the organization may grant only listed ones, or only below one folder
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  condition {
    title      = "hands-out-listed-roles-only"
    expression = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/storage.objectViewer'])"
  }
}

resource "google_folder_iam_member" "below" {
  folder = "folders/711246061274"
  role   = "roles/resourcemanager.projectIamAdmin"
  member = "serviceAccount:deploy-data@acme-com-seed-k7q2.iam.gserviceaccount.com"
}
