# Accepted: Where folders are made, each environment has its list of permitted models
resource "google_folder" "production" {
  parent       = "organizations/123456789012"
  display_name = "acme-production"
}

resource "google_org_policy_policy" "models" {
  parent = google_folder.production.name
  name   = "folders/123456789012/policies/vertexai.allowedModels"
  spec {
    rules {
      values {
        allowed_values = ["publishers/google/models/gemini-2.5-flash:predict"]
      }
    }
  }
}
