# Rejected: Nothing of the catalog is shared with an operational project
resource "google_project_iam_member" "grant" {
  project = "acme-npr-churn-k7q2"
  role    = "roles/cloudprivatecatalogproducer.viewer"
  member  = "group:grp-acme-readers@example.com"
}
