# An open model on GPUs of the team's project, taken from the list that the environment allows.

locals {
  gpus = {
    "gemma3@gemma-3-1b-it"  = { machine = "g2-standard-12", count = 1 }
    "gemma3@gemma-3-4b-it"  = { machine = "g2-standard-12", count = 1 }
    "gemma3@gemma-3-12b-it" = { machine = "g2-standard-48", count = 4 }
  }
  gpu = local.gpus[var.model]
}

resource "google_vertex_ai_endpoint_with_model_garden_deployment" "this" {
  project              = var.project_id
  location             = var.region
  publisher_model_name = local.publisher

  model_config {
    accept_eula        = var.accept_terms
    model_display_name = var.name
  }

  endpoint_config {
    endpoint_display_name      = var.name
    dedicated_endpoint_enabled = false
  }

  deploy_config {
    fast_tryout_enabled = false
    dedicated_resources {
      min_replica_count = 1
      max_replica_count = var.max_replicas
      machine_spec {
        machine_type      = local.gpu.machine
        accelerator_type  = "NVIDIA_L4"
        accelerator_count = local.gpu.count
      }
      autoscaling_metric_specs {
        metric_name = "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle"
        target      = 60
      }
    }
  }
}
