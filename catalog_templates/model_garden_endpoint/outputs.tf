output "endpoint" {
  description = "Id of the endpoint: ask it."
  value       = google_vertex_ai_endpoint_with_model_garden_deployment.this.endpoint
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
