# Accepted: An organization policy takes effect, and is not only rehearsed
resource "google_org_policy_policy" "models" {
  parent = "folders/123456789012"
  name   = "folders/123456789012/policies/vertexai.allowedModels"
  spec {
    rules {
      values {
        allowed_values = ["publishers/google/models/gemini-2.5-flash:predict"]
      }
    }
  }
}
