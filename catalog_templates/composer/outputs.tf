output "environment" {
  description = "Name of the environment."
  value       = google_composer_environment.this.name
}

output "airflow" {
  description = "Where Airflow is to be seen."
  value       = google_composer_environment.this.config[0].airflow_uri
}

output "dags" {
  description = "Folder for definitions."
  value       = "gs://${google_storage_bucket.definitions.name}/dags"
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
