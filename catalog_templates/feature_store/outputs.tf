output "group" {
  description = "Feature group."
  value       = google_vertex_ai_feature_group.this.id
}

output "view" {
  description = "Feature view: ask it for features."
  value       = google_vertex_ai_feature_online_store_featureview.this.id
}
