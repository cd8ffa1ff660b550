output "endpoint" {
  description = "Full id of the endpoint: deploy models to it."
  value       = google_vertex_ai_endpoint.this.id
}

output "pool" {
  description = "Machines that models share: give it to the deployment."
  value       = google_vertex_ai_deployment_resource_pool.this.id
}

output "requests" {
  description = "Dataset with what was asked and answered."
  value       = google_bigquery_dataset.requests.dataset_id
}
