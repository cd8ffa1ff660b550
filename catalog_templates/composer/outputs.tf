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
  value       = google_composer_environment.this.config[0].dag_gcs_prefix
}
