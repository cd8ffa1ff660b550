output "template" {
  description = "Full id: name it in calls of models."
  value       = google_model_armor_template.this.id
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
