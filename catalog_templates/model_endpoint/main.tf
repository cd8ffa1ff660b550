# Online prediction: a private endpoint, machines that follow the load, and a table with what was asked and answered.
# Models come and go by `endpoint.deploy` with the pool as their shared resources; nothing here takes their traffic away.

locals {
  machines = {
    small = { type = "n2-standard-4", gpu = null, gpus = null }
    large = { type = "n2-standard-16", gpu = null, gpus = null }
    gpu   = { type = "g2-standard-8", gpu = "NVIDIA_L4", gpus = 1 }
  }
  machine = local.machines[var.machine]
  metric  = var.machine == "gpu" ? "accelerator/duty_cycle" : "cpu/utilization"
  # Vertex AI wants a number of at most ten digits, and the same order has to get the same one.
  number = 1000000000 + parseint(substr(sha256("${var.project_id}/${var.name}"), 0, 7), 16)
}

resource "google_bigquery_dataset" "requests" {
  project                    = var.project_id
  dataset_id                 = "requests_${replace(var.name, "-", "_")}"
  location                   = var.region
  description                = "Requests and answers: ${var.purpose}"
  max_time_travel_hours      = "168"
  delete_contents_on_destroy = false
  labels                     = merge(var.labels, { data-kind = "structured" })

  default_encryption_configuration {
    kms_key_name = var.data_key
  }
}

resource "google_bigquery_dataset_iam_member" "people" {
  project    = var.project_id
  dataset_id = google_bigquery_dataset.requests.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = var.group
}

resource "google_vertex_ai_deployment_resource_pool" "this" {
  project = var.project_id
  region  = var.region
  name    = "team-${var.name}"

  dedicated_resources {
    min_replica_count = 1
    max_replica_count = var.max_replicas
    machine_spec {
      machine_type      = local.machine.type
      accelerator_type  = local.machine.gpu
      accelerator_count = local.machine.gpus
    }
    autoscaling_metric_specs {
      metric_name = "aiplatform.googleapis.com/prediction/online/${local.metric}"
      target      = 60
    }
  }
}

resource "google_vertex_ai_endpoint" "this" {
  project      = var.project_id
  location     = var.region
  region       = var.region
  name         = tostring(local.number)
  display_name = var.name
  description  = var.purpose
  labels       = var.labels

  encryption_spec {
    kms_key_name = var.kms_key
  }

  private_service_connect_config {
    enable_private_service_connect = true
    project_allowlist              = var.callers
  }

  predict_request_response_logging_config {
    enabled       = true
    sampling_rate = var.logged
    bigquery_destination {
      output_uri = "bq://${var.project_id}.${google_bigquery_dataset.requests.dataset_id}.requests"
    }
  }
}
