# Rejected: Code comes from a connected repository, never from a host that Google has closed
resource "google_sourcerepo_repository" "code" {
  project = "acme-com-delivery-w-k7q2"
  name    = "code"
}
