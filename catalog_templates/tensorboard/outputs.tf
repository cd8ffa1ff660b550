output "tensorboard" {
  description = "Full id: give it to experiments and training jobs."
  value       = google_vertex_ai_tensorboard.this.id
}
