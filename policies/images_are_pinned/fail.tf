# Rejected: What runs is named by its digest, which nobody can move
resource "google_cloudbuild_trigger" "release" {
  project         = "acme-com-delivery-w-k7q2"
  location        = "europe-west4"
  name            = "operational-release-churn"
  service_account = "projects/acme-com-delivery-w-k7q2/serviceAccounts/operational-churn@acme-com-delivery-w-k7q2.iam.gserviceaccount.com"
  repository_event_config {
    repository = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/connections/acme-repositories/repositories/churn-model"
    push {
      branch = "^deployment$"
    }
  }
  approval_config {
    approval_required = true
  }
  build {
    step {
      name = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/blueprint:latest"
    }
    options {
      logging     = "CLOUD_LOGGING_ONLY"
      worker_pool = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/workerPools/acme-workers"
    }
  }
}
