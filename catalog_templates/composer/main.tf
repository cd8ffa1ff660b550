# Airflow of one team on the Shared VPC: private machines, private builds, the web server for workplaces only.

locals {
  sizes = {
    small  = { environment = "ENVIRONMENT_SIZE_SMALL", cpu = 0.5, memory = 2, workers = 3 }
    medium = { environment = "ENVIRONMENT_SIZE_MEDIUM", cpu = 2, memory = 7.5, workers = 6 }
  }
  size = local.sizes[var.size]
}

# The DAG folder: people put definitions, Airflow its logs. Composer wants it under the environment's own key.
resource "google_storage_bucket" "definitions" {
  project                     = var.project_id
  name                        = "${var.project_id}-dags-${var.name}"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false
  labels                      = merge(var.labels, { classification = "internal", data-kind = "unstructured" })

  encryption {
    default_kms_key_name = var.kms_key
  }

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      with_state                 = "ARCHIVED"
    }
  }
}

resource "google_storage_bucket_iam_member" "people" {
  bucket = google_storage_bucket.definitions.name
  role   = "roles/storage.objectUser"
  member = var.group
}

resource "google_composer_environment" "this" {
  project = var.project_id
  name    = var.name
  region  = var.region
  labels  = var.labels

  storage_config {
    bucket = google_storage_bucket.definitions.name
  }

  config {
    environment_size           = local.size.environment
    enable_private_environment = true
    enable_private_builds_only = true

    software_config {
      image_version           = var.image
      web_server_plugins_mode = "DISABLED"
      cloud_data_lineage_integration {
        enabled = true
      }
    }

    node_config {
      network                           = var.network
      subnetwork                        = var.subnet
      service_account                   = var.identity
      composer_internal_ipv4_cidr_block = var.internal_range
    }

    encryption_config {
      kms_key_name = var.kms_key
    }

    web_server_network_access_control {
      dynamic "allowed_ip_range" {
        for_each = var.workplaces
        content {
          value       = allowed_ip_range.value
          description = "workplace"
        }
      }
    }

    workloads_config {
      scheduler {
        count      = 1
        cpu        = local.size.cpu
        memory_gb  = local.size.memory
        storage_gb = 1
      }
      worker {
        min_count  = 1
        max_count  = local.size.workers
        cpu        = local.size.cpu
        memory_gb  = local.size.memory
        storage_gb = 10
      }
      dynamic "triggerer" {
        for_each = var.triggerer ? [true] : []
        content {
          count     = 1
          cpu       = 0.5
          memory_gb = 1
        }
      }
    }

    maintenance_window {
      start_time = "2026-01-03T00:00:00Z"
      end_time   = "2026-01-03T06:00:00Z"
      recurrence = "FREQ=WEEKLY;BYDAY=SA,SU"
    }

    data_retention_config {
      task_logs_retention_config {
        storage_mode = "CLOUD_LOGGING_ONLY"
      }
    }
  }
}
