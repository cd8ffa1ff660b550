# Rejected: An organization policy restricts; it neither allows all, nor resets, nor switches a rule off
resource "google_org_policy_policy" "models" {
  parent = "folders/123456789012"
  name   = "folders/123456789012/policies/vertexai.allowedModels"
  spec {
    rules {
      allow_all = "TRUE"
    }
  }
}
