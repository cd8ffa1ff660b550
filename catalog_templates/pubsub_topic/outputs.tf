output "topic" {
  description = "Full id of the topic."
  value       = google_pubsub_topic.this.id
}

output "subscription" {
  description = "Full id of the subscription."
  value       = google_pubsub_subscription.this.id
}

output "purpose" {
  description = "What it is for."
  value       = var.purpose
}
