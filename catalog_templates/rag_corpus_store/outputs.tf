output "documents" {
  description = "Where documents go."
  value       = "gs://${google_storage_bucket.documents.name}"
}

output "engine" {
  description = "Full id of the engine, in which corpora are made."
  value       = google_vertex_ai_rag_engine_config.this.id
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
