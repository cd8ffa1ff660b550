# Rejected: The policy of permitted models lists models, or permits none
resource "google_org_policy_policy" "models" {
  parent = "folders/123456789012"
  name   = "folders/123456789012/policies/vertexai.allowedModels"
  spec {
    rules {
      values {
        allowed_values = ["publishers/google"]
      }
    }
  }
}
