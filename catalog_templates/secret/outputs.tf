output "secret" {
  description = "Full id of the secret; give it its first value."
  value       = google_secret_manager_secret.this.id
}

output "due" {
  description = "Subscription in which a message waits when the value is due."
  value       = google_pubsub_subscription.due.id
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
