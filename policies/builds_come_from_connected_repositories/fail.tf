resource "google_sourcerepo_repository" "code" {
  project = "acme-com-delivery-w-k7q2"
  name    = "code"
}
