# Lineage beside the project's own. Pipelines and experiments write to the store called default, which the platform made.

resource "google_vertex_ai_metadata_store" "this" {
  provider    = google-beta
  project     = var.project_id
  region      = var.region
  name        = "team-${var.name}"
  description = var.purpose

  encryption_spec {
    kms_key_name = var.kms_key
  }
}
