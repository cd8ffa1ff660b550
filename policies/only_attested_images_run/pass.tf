# Accepted: Where images are admitted, an attestation is demanded and what lacks it is blocked
resource "google_binary_authorization_policy" "policy" {
  project = "acme-com-artifacts-k7q2"
  default_admission_rule {
    evaluation_mode         = "REQUIRE_ATTESTATION"
    enforcement_mode        = "ENFORCED_BLOCK_AND_AUDIT_LOG"
    require_attestations_by = ["projects/acme-com-artifacts-k7q2/attestors/promoted"]
  }
}
