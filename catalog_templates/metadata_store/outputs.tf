output "store" {
  description = "Full id of the store."
  value       = google_vertex_ai_metadata_store.this.id
}
