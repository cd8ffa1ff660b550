output "bucket" {
  description = "Name of the bucket."
  value       = google_storage_bucket.this.name
}

output "url" {
  description = "Where tools find it."
  value       = "gs://${google_storage_bucket.this.name}"
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
