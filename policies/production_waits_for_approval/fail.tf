# Rejected: A trigger whose build changes what is released waits for approval
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
    approval_required = false
  }
  build {
    step {
      name = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/blueprint@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
    options {
      logging     = "CLOUD_LOGGING_ONLY"
      worker_pool = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/workerPools/acme-workers"
    }
  }
}

resource "google_cloudbuild_trigger" "chosen" {
  project         = "acme-com-delivery-w-k7q2"
  location        = "europe-west4"
  name            = "operational-back-churn"
  service_account = "projects/acme-com-delivery-w-k7q2/serviceAccounts/operational-churn@acme-com-delivery-w-k7q2.iam.gserviceaccount.com"
  pubsub_config {
    topic = "projects/acme-com-delivery-w-k7q2/topics/operational-back-churn"
  }
  substitutions = {
    _ENVIRONMENT = "$(body.message.attributes.environment)"
  }
  approval_config {
    approval_required = false
  }
  build {
    step {
      name = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/blueprint@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
    options {
      logging     = "CLOUD_LOGGING_ONLY"
      worker_pool = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/workerPools/acme-workers"
    }
  }
}

resource "google_cloudbuild_trigger" "unmerged" {
  project         = "acme-com-delivery-w-k7q2"
  location        = "europe-west4"
  name            = "release-production"
  service_account = "projects/acme-com-delivery-w-k7q2/serviceAccounts/operational-churn@acme-com-delivery-w-k7q2.iam.gserviceaccount.com"
  repository_event_config {
    repository = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/connections/acme-repositories/repositories/churn-model"
    pull_request {
      branch = ".*"
    }
  }
  substitutions = {
    _ENVIRONMENT = "production"
  }
  approval_config {
    approval_required = false
  }
  build {
    step {
      name = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/blueprint@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
    options {
      logging     = "CLOUD_LOGGING_ONLY"
      worker_pool = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/workerPools/acme-workers"
    }
  }
}

resource "google_cloudbuild_trigger" "otherwise_named" {
  project         = "acme-com-delivery-w-k7q2"
  location        = "europe-west4"
  name            = "deploy-to-prod"
  service_account = "projects/acme-com-delivery-w-k7q2/serviceAccounts/operational-churn@acme-com-delivery-w-k7q2.iam.gserviceaccount.com"
  repository_event_config {
    repository = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/connections/acme-repositories/repositories/churn-model"
    push {
      branch = "^deployment$"
    }
  }
  substitutions = {
    _ENV = "production"
  }
  approval_config {
    approval_required = false
  }
  build {
    step {
      name = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/blueprint@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
    options {
      logging     = "CLOUD_LOGGING_ONLY"
      worker_pool = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/workerPools/acme-workers"
    }
  }
}

resource "google_cloudbuild_trigger" "inside" {
  project         = "acme-com-delivery-w-k7q2"
  location        = "europe-west4"
  name            = "deploy-inside"
  service_account = "projects/acme-prd-churn-k7q2/serviceAccounts/pipeline@acme-prd-churn-k7q2.iam.gserviceaccount.com"
  repository_event_config {
    repository = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/connections/acme-repositories/repositories/churn-model"
    push {
      branch = "^deployment$"
    }
  }
  approval_config {
    approval_required = false
  }
  build {
    step {
      name = "europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/blueprint@sha256:7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
    }
    options {
      logging     = "CLOUD_LOGGING_ONLY"
      worker_pool = "projects/acme-com-delivery-w-k7q2/locations/europe-west4/workerPools/acme-workers"
    }
  }
}
