output "repository" {
  description = "Name of the repository."
  value       = google_artifact_registry_repository.this.repository_id
}

output "address" {
  description = "How images and packages are called."
  value       = "${var.region}-${var.format}.pkg.dev/${var.project_id}/${google_artifact_registry_repository.this.repository_id}"
}
