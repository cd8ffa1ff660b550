# Nearest neighbours in vectors of the team's bucket, behind private service connect.

locals {
  distances = { cosine = "COSINE_DISTANCE", dot_product = "DOT_PRODUCT_DISTANCE", squared_l2 = "SQUARED_L2_DISTANCE" }
  norms     = { cosine = "UNIT_L2_NORM", dot_product = "NONE", squared_l2 = "NONE" }
}

resource "google_vertex_ai_index" "this" {
  project             = var.project_id
  region              = var.region
  display_name        = var.name
  description         = var.purpose
  index_update_method = "BATCH_UPDATE"
  labels              = var.labels

  metadata {
    contents_delta_uri = "gs://${var.project_id}-data-${var.bucket}/${var.folder}"
    config {
      dimensions                  = var.dimensions
      approximate_neighbors_count = 100
      shard_size                  = "SHARD_SIZE_SMALL"
      distance_measure_type       = local.distances[var.distance]
      feature_norm_type           = local.norms[var.distance]
      algorithm_config {
        tree_ah_config {
          leaf_node_embedding_count    = 1000
          leaf_nodes_to_search_percent = 10
        }
      }
    }
  }
}

resource "google_vertex_ai_index_endpoint" "this" {
  project                 = var.project_id
  region                  = var.region
  display_name            = var.name
  description             = var.purpose
  public_endpoint_enabled = false
  labels                  = var.labels

  private_service_connect_config {
    enable_private_service_connect = true
    project_allowlist              = var.callers
  }
}

resource "google_vertex_ai_index_endpoint_deployed_index" "this" {
  region                = var.region
  index_endpoint        = google_vertex_ai_index_endpoint.this.id
  index                 = google_vertex_ai_index.this.id
  deployed_index_id     = "team_${replace(var.name, "-", "_")}"
  display_name          = var.name
  enable_access_logging = true

  dedicated_resources {
    min_replica_count = 1
    max_replica_count = var.max_replicas
    machine_spec {
      machine_type = "e2-standard-2"
    }
  }
}
