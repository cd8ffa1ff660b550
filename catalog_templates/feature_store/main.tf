# Features from a table of the team: registered as a group, served by an online store that has no address of its own.

locals {
  crons = { hourly = "CRON_TZ=UTC 0 * * * *", daily = "CRON_TZ=UTC 0 3 * * *" }
}

resource "google_vertex_ai_feature_group" "this" {
  project     = var.project_id
  region      = var.region
  name        = "team_${var.name}"
  description = var.purpose
  labels      = var.labels

  big_query {
    entity_id_columns = var.entity_columns
    big_query_source {
      input_uri = "bq://${var.project_id}.${var.table}"
    }
  }
}

resource "google_vertex_ai_feature_group_feature" "this" {
  for_each = toset(var.features)

  project       = var.project_id
  region        = var.region
  feature_group = google_vertex_ai_feature_group.this.name
  name          = each.value
  labels        = var.labels
}

resource "google_vertex_ai_feature_online_store" "this" {
  project       = var.project_id
  region        = var.region
  name          = "team_${var.name}_bigtable"
  force_destroy = false
  labels        = var.labels

  # Asked by Vertex AI's API alone, inside the perimeter. Danger: an optimized store has an endpoint of its own; and no
  # store becomes one of another kind, so its name says the kind and another kind is another store.
  bigtable {
    auto_scaling {
      min_node_count = 1
      max_node_count = 2
    }
  }
}

resource "google_vertex_ai_feature_online_store_featureview" "this" {
  project              = var.project_id
  region               = var.region
  name                 = "team_${var.name}"
  feature_online_store = google_vertex_ai_feature_online_store.this.name
  labels               = var.labels

  sync_config {
    cron = local.crons[var.sync]
  }

  feature_registry_source {
    feature_groups {
      feature_group_id = google_vertex_ai_feature_group.this.name
      feature_ids      = sort([for feature in google_vertex_ai_feature_group_feature.this : feature.name])
    }
  }
}
