output "endpoint" {
  description = "Full id of the endpoint: ask it for neighbours."
  value       = google_vertex_ai_index_endpoint.this.id
}

output "index" {
  description = "Full id of the index: update it with new vectors."
  value       = google_vertex_ai_index.this.id
}

output "deployed" {
  description = "Id of the index at the endpoint."
  value       = google_vertex_ai_index_endpoint_deployed_index.this.deployed_index_id
}
