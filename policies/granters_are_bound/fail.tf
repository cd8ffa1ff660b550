# Rejected: Who may grant roles on a project or the organization may grant only listed ones, or only below one folder
resource "google_project_iam_member" "grant" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
}

resource "google_folder_iam_member" "grant" {
  folder = "folders/711246061274"
  role   = "roles/resourcemanager.folderIamAdmin"
  member = "serviceAccount:deploy-data@acme-com-seed-k7q2.iam.gserviceaccount.com"
}

resource "google_project_iam_member" "owner" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  condition {
    title      = "hands-out"
    expression = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/owner'])"
  }
}

resource "google_project_iam_member" "or_elsewhere" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  condition {
    title      = "hands-out"
    expression = "resource.name.startsWith('x') || api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/storage.objectViewer'])"
  }
}

resource "google_project_iam_member" "other" {
  project = "acme-prd-churn-k7q2"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  condition {
    title      = "hands-out"
    expression = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []) != []"
  }
}
