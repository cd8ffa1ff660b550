output "instance" {
  description = "Full id of the notebook."
  value       = google_workbench_instance.this.id
}

output "link" {
  description = "Where to open it."
  value       = google_workbench_instance.this.proxy_uri
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
