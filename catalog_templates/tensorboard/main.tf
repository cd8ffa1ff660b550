# A TensorBoard of its own for one line of experiments; the project's default one serves everything else.

resource "google_vertex_ai_tensorboard" "this" {
  project      = var.project_id
  region       = var.region
  display_name = var.name
  description  = var.purpose
  labels       = var.labels

  encryption_spec {
    kms_key_name = var.kms_key
  }
}
