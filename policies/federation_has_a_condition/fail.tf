# Rejected: An outside identity gets in only where the provider says from which repositories
resource "google_iam_workload_identity_pool_provider" "host" {
  project                            = "acme-com-seed-k7q2"
  workload_identity_pool_id          = "acme-repository-host"
  workload_identity_pool_provider_id = "github"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
