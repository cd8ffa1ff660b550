output "dataset" {
  description = "Id of the dataset."
  value       = google_bigquery_dataset.this.dataset_id
}

output "address" {
  description = "How queries call it."
  value       = "${var.project_id}.${google_bigquery_dataset.this.dataset_id}"
}
