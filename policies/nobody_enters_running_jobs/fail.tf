# Rejected: No job of Vertex AI opens a shell into its container
resource "google_cloud_scheduler_job" "train" {
  project   = "acme-prd-churn-k7q2"
  region    = "europe-west4"
  name      = "train"
  schedule  = "0 5 * * *"
  time_zone = "Etc/UTC"
  http_target {
    http_method = "POST"
    uri         = "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme-prd-churn-k7q2/locations/europe-west4/customJobs"
    body        = "eyJqb2JTcGVjIjogeyJlbmFibGVXZWJBY2Nlc3MiOiB0cnVlfX0="
  }
}
